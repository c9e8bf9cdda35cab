using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.Time;

/// <summary>A call that could take the CancellationToken in scope and isn't given it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC603UnpassedTokenAnalyzer : DiagnosticAnalyzer
{
    /// <summary>The property with the token as the fix writes it.</summary>
    internal const string Token = nameof(Token);

    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UnpassedToken,
        title: "A call that isn't given the CancellationToken in scope",
        messageFormat: "'{0}' isn't given '{1}', so it goes on when that is cancelled; pass the token",
        DiagnosticSeverity.Info,
        description: "Cancellation gets as far as the token is handed on. A call that could take the token and doesn't get it runs to its end, however long that takes, while whoever cancelled waits for it.");

    // What ends, hands on or describes work rather than doing it; and what undoes work, which has to run to its end.
    private static readonly ImmutableHashSet<string> Exempt =
    [
        "Cancel", "CancelAsync", "Close", "CloseAsync", "ContinueWith", "CreateLinkedTokenSource", "DisposeAsync", "GetAsyncEnumerator", "Register", "Rollback", "RollbackAsync",
        "SetCanceled", "StartNew", "TrySetCanceled", "Unlock", "UnlockAsync",
    ];

    private static readonly string[] EndingNames = ["Stop", "Close", "Shutdown", "ShutDown", "Disconnect", "CleanUp", "Cleanup", "OnStop", "TearDown"];

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.CancellationToken is not { } token)
                return;

            var slots = new TokenSlots(token);
            start.RegisterOperationAction(operation => AnalyzeCall(operation, slots, token, known), OperationKind.Invocation);
            if (known.AsyncEnumerable is { } sequence)
                start.RegisterOperationAction(operation => AnalyzeLoop(operation, slots, sequence, token, known), OperationKind.Loop);
        });
    }

    private static void AnalyzeCall(OperationAnalysisContext context, TokenSlots slots, INamedTypeSymbol token, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (slots.IsKnownToTakeNone(call.TargetMethod)
            || !slots.MayBeInScope(call, context.ContainingSymbol)
            || slots.Of(call.TargetMethod) is not { } slot
            || IsGiven(call, token)
            || IsExempt(call, known)
            || IsBlockingInAsyncCode(call, context.ContainingSymbol, known)
            || WaitsForWorkWithToken(call, token, known)
            || CarriesToken(call, slots, token)
            || IsEnumeratedWithToken(call, token)
            || call.Syntax is not InvocationExpressionSyntax syntax
            || IsOverloadOfCaller(call, slot, token, context.ContainingSymbol)
            || MockSetup.Contains(call, known))
        {
            return;
        }

        if (TokenFor(context, known) is { } inScope && TokenArgument.Of(syntax, slots, call.SemanticModel!, known, context.CancellationToken) is not null)
            Report(context, syntax, call.TargetMethod.Name, inScope);
    }

    // Task.Run only asks the token before it starts; a wait of no time, or on what is in memory, is over at once.
    private static bool IsExempt(IInvocationOperation call, KnownSymbols known) =>
        Exempt.Contains(call.TargetMethod.Name)
        || (call.TargetMethod.Name == "Run" && SymbolEqualityComparer.Default.Equals(call.TargetMethod.ContainingType, known.Task))
        || EndsSomething(call.TargetMethod)
        || (call.TargetMethod.Name == "Delay" && CleanUpCode.IsPauseBeforeHandling(call.Syntax))
        || (call.TargetMethod.Name.StartsWith("Wait", StringComparison.Ordinal) && ZeroTimeout.IsGiven(call, known))
        || SynchronousByNature.IsUsedBy(call, known);

    // There it has to be awaited in the first place, which other rules say, and their fixes pass the token.
    private static bool IsBlockingInAsyncCode(IInvocationOperation call, ISymbol containingSymbol, KnownSymbols known) =>
        (BlockingPrimitive.Of(call, known) is not null || BlockingTaskAccess.Of(call, known) is not null) && AsyncContext.IsInAsyncCode(call, containingSymbol, known);

    // SendAsync(token).Wait(): the wait ends when the work does, and that ends with its token.
    private static bool WaitsForWorkWithToken(IInvocationOperation call, INamedTypeSymbol token, KnownSymbols known)
    {
        if (call.TargetMethod.Name != "Wait" || BlockingTaskAccess.Of(call, known) is not { Task: var task })
            return false;

        if (AssignedValues.Unwrap(task) is ILocalReferenceOperation { Local: var local } && AssignedValues.Single(local, AssignedValues.Root(call)) is { } assigned)
            task = assigned;

        return StartedTask.Of(task, known) is { } start && IsGiven(start, token);
    }

    // ReadAllAsync(token).FirstAsync(): the sequence ends with its token.
    private static bool CarriesToken(IInvocationOperation call, TokenSlots slots, INamedTypeSymbol token) =>
        call.TargetMethod.IsExtensionMethod && call.Arguments is [{ Value: var first }, ..] && AssignedValues.Unwrap(first) is IInvocationOperation source
        && (IsGiven(source, token) || CarriesToken(source, slots, token));

    // StreamAsync().WithCancellation(token): its iterator is given that one.
    private static bool IsEnumeratedWithToken(IInvocationOperation call, INamedTypeSymbol token)
    {
        var parent = AwaitedValue.Whole(call).Parent;
        return (parent is IArgumentOperation argument ? argument.Parent : parent) is IInvocationOperation { TargetMethod: { Name: "ConfigureAwait" or "WithCancellation", ContainingType.Name: "TaskAsyncEnumerableExtensions" or "ConfiguredCancelableAsyncEnumerable" } } outer
            && (IsGiven(outer, token) || IsEnumeratedWithToken(outer, token));
    }

    private static void AnalyzeLoop(OperationAnalysisContext context, TokenSlots slots, INamedTypeSymbol sequence, INamedTypeSymbol token, KnownSymbols known)
    {
        if (context.Operation is not IForEachLoopOperation { IsAsynchronous: true } loop || !slots.MayBeInScope(loop, context.ContainingSymbol))
            return;

        var source = AssignedValues.Unwrap(loop.Collection);
        if (source is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Arguments: [var configured, ..] })
            source = AssignedValues.Unwrap(configured.Value);

        if (source is IInvocationOperation or ILocalReferenceOperation or IParameterReferenceOperation or IMemberReferenceOperation
            && source.Type?.OriginalDefinition is { } type && SymbolEqualityComparer.Default.Equals(type, sequence)
            && !TakesTokenItself(source, slots, token)
            && !(source is ILocalReferenceOperation { Local: var local } && AssignedValues.Of(local, AssignedValues.Root(loop)) is { } values && values.Exists(value => TakesTokenItself(value, slots, token)))
            && TokenFor(context, known) is { } inScope)
        {
            Report(context, source.Syntax, source is IInvocationOperation { TargetMethod.Name: var name } ? name : source.Syntax.ToString(), inScope);
        }
    }

    // The call that made the sequence is given a token or reported itself; an iterator without a parameter for a token ignores the enumeration's.
    private static bool TakesTokenItself(IOperation source, TokenSlots slots, INamedTypeSymbol token) => AssignedValues.Unwrap(source) switch
    {
        IInvocationOperation call => slots.Of(call.TargetMethod) is not null || IsGiven(call, token) || CarriesToken(call, slots, token) || call.TargetMethod.OriginalDefinition is { IsAbstract: false, DeclaringSyntaxReferences.IsEmpty: false },
        ISwitchExpressionOperation choice => choice.Arms.Any(arm => TakesTokenItself(arm.Value, slots, token)),
        IConditionalOperation { WhenFalse: { } otherwise } choice => TakesTokenItself(choice.WhenTrue, slots, token) || TakesTokenItself(otherwise, slots, token),
        ICoalesceOperation choice => TakesTokenItself(choice.Value, slots, token) || TakesTokenItself(choice.WhenNull, slots, token),
        _ => false,
    };

    private static string? TokenFor(OperationAnalysisContext context, KnownSymbols known)
    {
        var operation = context.Operation;
        var syntax = operation is IForEachLoopOperation { Syntax: CommonForEachStatementSyntax { Expression: var source } } ? source : operation.Syntax;
        if (CleanUpCode.Contains(syntax) || EndsSomething(context.ContainingSymbol) || ExpressionTrees.Contain(operation, known))
            return null;

        var isTest = TestMethods.IsTestCode(context.ContainingSymbol) && !ConcurrencyOptions.AnalyzeTests.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(syntax.SyntaxTree));
        return isTest ? null : TokenInScope.For(operation, context.ContainingSymbol, known);
    }

    private static bool EndsSomething(ISymbol member)
    {
        foreach (var name in EndingNames)
        {
            if (member.Name.StartsWith(name, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static bool IsGiven(IInvocationOperation call, INamedTypeSymbol token)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument.ArgumentKind != ArgumentKind.DefaultValue && SymbolEqualityComparer.Default.Equals(argument.Value.Type, token))
                return true;
        }

        return false;
    }

    // ReadAsync(token) that calls ReadAsync() is made of it, and would call itself.
    private static bool IsOverloadOfCaller(IInvocationOperation call, TokenSlots.Slot slot, INamedTypeSymbol token, ISymbol caller) =>
        !slot.IsOwn
        && call.Instance is null or IInstanceReferenceOperation
        && caller is IMethodSymbol method && method.Name == call.TargetMethod.Name
        && method.Parameters.Length == call.TargetMethod.Parameters.Length + 1
        && method.Parameters.Any(parameter => SymbolEqualityComparer.Default.Equals(parameter.Type, token));

    private static void Report(OperationAnalysisContext context, SyntaxNode node, string name, string token) =>
        RuleReporting.Report(context.ReportDiagnostic, context.Options, context.ContainingSymbol, Rule, node.GetLocation(), [], ImmutableDictionary<string, string?>.Empty.Add(Token, token), name, token);
}
