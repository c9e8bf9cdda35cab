using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.Lifetime;

/// <summary>A thread that each call starts for a piece of work.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC404PerCallThreadAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.PerCallThread,
        title: "A thread started by each call",
        messageFormat: "Each call of '{0}' starts a thread of its own, which is slow, costs memory and has no bound; run the work on a shared ThreadExecutor, or with Task.Run if it doesn't block",
        DiagnosticSeverity.Info,
        description: "A thread takes a stack of a megabyte and a good part of a millisecond to start, and nothing keeps a hundred calls from starting a hundred of them. Threads that are kept do the work of all calls, with a bound, and tell whether it failed.");

    private static readonly string[] LongLived = ["Loop", "Run", "Listen", "Serve", "Accept", "Watch", "Monitor", "Poll", "Pump", "Worker", "Consume", "Forever", "Background", "Dispatch"];
    private static readonly string[] StartingNames = ["Start", "OnStart", "Init", "Open", "Run", "Launch", "Listen", "Connect", "Resume", "Enable", "Main"];

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Thread is { } thread)
                start.RegisterOperationAction(operation => Analyze(operation, thread, known), OperationKind.ObjectCreation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, INamedTypeSymbol thread, KnownSymbols known)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        if (!SymbolEqualityComparer.Default.Equals(creation.Type, thread)
            || creation.Arguments is not [{ Value: var work }]
            || StartsOnce(context)
            || !PerCallCode.Contains(creation, context.ContainingSymbol, known)
            || !IsStartedHere(creation)
            || IsLongLived(AssignedValues.Unwrap(work), context.CancellationToken)
            || Escape.Of(creation) == Reach.Leaves
            || UnboundedStart.LoopOf(creation, context, known) is not null)
        {
            return;
        }

        context.Report(Rule, creation.Syntax, context.ContainingSymbol.Name);
    }

    // What is called once for an object's life starts its worker, whatever the worker is called.
    private static bool StartsOnce(OperationAnalysisContext context)
    {
        var name = context.ContainingSymbol.Name;
        return Array.Exists(StartingNames, start => name.StartsWith(start, StringComparison.Ordinal))
            || context.Compilation.GetEntryPoint(context.CancellationToken)?.ContainingType is { } program && SymbolEqualityComparer.Default.Equals(program, context.ContainingSymbol.ContainingType);
    }

    // And no apartment of its own, which no thread of a pool can be given later.
    private static bool IsStartedHere(IObjectCreationOperation creation)
    {
        if (creation.Parent is IInvocationOperation { TargetMethod.Name: "Start" or "UnsafeStart" })
            return true;

        if (AwaitedValue.LocalOf(creation) is not { } local)
            return false;

        var isStarted = false;
        foreach (var mention in VariableMentions.Of(local, creation))
        {
            if (mention.Parent is not IInvocationOperation { TargetMethod.Name: var name })
                continue;

            if (name is "SetApartmentState" or "TrySetApartmentState")
                return false;

            isStarted |= name is "Start" or "UnsafeStart";
        }

        return isStarted;
    }

    private static bool IsLongLived(IOperation work, CancellationToken cancellationToken) => work switch
    {
        IDelegateCreationOperation { Target: IMethodReferenceOperation { Method: var method } } => IsLongLived(method, 2, cancellationToken),
        IDelegateCreationOperation { Target: IAnonymousFunctionOperation { Body: var body } } =>
            HasLoop(body.Syntax) || OwnOperations.Of(body).Any(operation => operation is IInvocationOperation call && IsLongLived(call.TargetMethod, 1, cancellationToken)),
        _ => false,
    };

    // Called so, or with a loop that doesn't go over a sequence: it is there for longer than the call.
    private static bool IsLongLived(IMethodSymbol method, int depth, CancellationToken cancellationToken)
    {
        if (method.MethodKind is MethodKind.DelegateInvoke)
            return false;

        if (Array.Exists(LongLived, name => method.Name.IndexOf(name, StringComparison.OrdinalIgnoreCase) >= 0))
            return true;

        return method.OriginalDefinition.DeclaringSyntaxReferences is [var declaration]
            && declaration.GetSyntax(cancellationToken) is var syntax
            && (HasLoop(syntax) || (depth > 1 && Calls(syntax, method.ContainingType).Any(called => IsLongLived(called, depth - 1, cancellationToken))));
    }

    private static IEnumerable<IMethodSymbol> Calls(SyntaxNode syntax, INamedTypeSymbol type) =>
        syntax.DescendantNodes().OfType<InvocationExpressionSyntax>()
            .SelectMany(call => call.Expression is IdentifierNameSyntax { Identifier.ValueText: var name } ? type.GetMembers(name).OfType<IMethodSymbol>() : []);

    private static bool HasLoop(SyntaxNode syntax) => syntax.DescendantNodesAndSelf().Any(static node =>
        node is WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax { Condition: null } || node.IsKind(SyntaxKind.GotoStatement));
}
