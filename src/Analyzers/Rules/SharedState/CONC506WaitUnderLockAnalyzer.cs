using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>A wait, a sleep or a network call while a lock is held: whoever wants the lock waits as well.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
[NoCodeFix("Where to wait instead, before the lock is taken or after it is given back, and what to check again then, is for the author to decide.")]
public sealed class CONC506WaitUnderLockAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.WaitUnderLock,
        title: "A wait while a lock is held",
        messageFormat: "'{0}' waits while the lock on '{1}' is held, and so does everybody who wants the lock; wait before it is taken or after it is given back",
        DiagnosticSeverity.Info,
        description: "A lock should be held for as long as it takes to change a few variables. Held across a sleep, a wait or a network call, it makes all threads that want it wait as long; and where what is waited for needs the lock itself, nothing ever goes on.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Monitor is not null)
                start.RegisterOperationAction(operation => Analyze(operation, known), HeldCode.Kinds);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        if (HeldCode.TakenBy(context.Operation, known) is not { } taken)
            return;

        var isAsync = AsyncContext.IsInAsyncCode(context.Operation, context.ContainingSymbol, known);
        foreach (var operation in HeldCode.Of(context.Operation, taken, known))
        {
            var name = operation switch
            {
                IInvocationOperation call => NameOfWait(call, isAsync, known),
                IPropertyReferenceOperation property when !isAsync => BlockingTaskAccess.Of(property, known)?.Name,
                _ => null,
            };
            if (name is null || (TaskOf(operation, known) is { } task && CompletedTasks.AreKnownComplete(operation, task, () => FunctionGraph.Around(operation, context) ?? context.GetControlFlowGraph(), known)) || IsTest(context))
                continue;

            context.Report(Rule, operation.Syntax, name, taken.Name);
        }
    }

    // In async code the waits for tasks, signals and the clock are found by the rules that know what to await instead.
    private static string? NameOfWait(IInvocationOperation call, bool isAsync, KnownSymbols known)
    {
        var method = call.TargetMethod;
        if (IsNetwork(method))
            return $"{method.ContainingType.Name}.{method.Name}";

        if (isAsync)
            return null;

        if (method.Name == "Sleep" && SymbolEqualityComparer.Default.Equals(method.ContainingType, known.Thread))
            return ZeroTimeout.IsGiven(call, known) ? null : "Thread.Sleep";

        if (BlockingTaskAccess.Of(call, known) is { } access)
            return access.Name;

        // Taking a second lock is a matter of the order of locks, Monitor.Wait gives the lock back, and a parallel loop works.
        return BlockingPrimitive.Of(call, known) is { } primitive && method.ContainingType.Name is not ("Monitor" or "Parallel") && LockCall.Of(call, known) is null ? primitive.Name : null;
    }

    private static IOperation? TaskOf(IOperation operation, KnownSymbols known) => operation switch
    {
        IInvocationOperation call => BlockingTaskAccess.Of(call, known)?.Task,
        IPropertyReferenceOperation property => BlockingTaskAccess.Of(property, known)?.Task,
        _ => null,
    };

    // Not files, which a lock often guards; nor reading and writing a connection, nor databases, for the same reason.
    private static bool IsNetwork(IMethodSymbol method) => method.ContainingType?.Name switch
    {
        "HttpClient" or "HttpMessageInvoker" => method.Name == "Send",
        "WebRequest" or "HttpWebRequest" => method.Name is "GetResponse" or "GetRequestStream",
        "WebClient" => method.Name is "DownloadData" or "DownloadFile" or "DownloadString" or "UploadData" or "UploadFile" or "UploadString" or "UploadValues" or "OpenRead",
        "Dns" => method.Name is "GetHostEntry" or "GetHostAddresses" or "GetHostByName" or "Resolve",
        "Ping" => method.Name == "Send",
        "SmtpClient" => method.Name == "Send",
        "Socket" => method.Name == "Accept",
        "TcpListener" => method.Name is "AcceptTcpClient" or "AcceptSocket",
        _ => false,
    } && method.ContainingNamespace.ToDisplayString().StartsWith("System.Net", StringComparison.Ordinal);

    private static bool IsTest(OperationAnalysisContext context) =>
        TestMethods.IsTestCode(context.ContainingSymbol)
        && !ConcurrencyOptions.AnalyzeTests.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(context.Operation.Syntax.SyntaxTree));
}
