using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Functions that let no exception out into a task: all that they do stands in a try that catches everything and doesn't
/// throw again, or they hand out complete tasks and signals alone. Whoever starts one has nothing to observe.
/// </summary>
internal static class HandledFaults
{
    /// <summary>Whether the call's task can't fault, because of the function that is called or is handed to Task.Run.</summary>
    public static bool Covers(IInvocationOperation call, KnownSymbols known) =>
        IsStart(call, known)
            ? call.Arguments.FirstOrDefault()?.Value is IDelegateCreationOperation { Target: var target } && CoversDelegate(target)
            : CoversMethod(call.TargetMethod);

    /// <summary>The same of work that is a delegate, or the expression that starts it.</summary>
    public static bool CoverWork(IOperation work) => work switch
    {
        IDelegateCreationOperation { Target: var target } => CoversDelegate(target),
        IInvocationOperation call => CoversMethod(call.TargetMethod),
        IConversionOperation conversion => CoverWork(conversion.Operand),
        _ => CoversDelegate(work),
    };

    /// <summary>The same of a function that nobody has a task of: an async void method, local function or lambda.</summary>
    public static bool CoverFunction(SyntaxNode function) => function switch
    {
        MethodDeclarationSyntax { Body: { } body } => HandlesAll(body),
        LocalFunctionStatementSyntax { Body: { } body } => HandlesAll(body),
        AnonymousFunctionExpressionSyntax { Body: BlockSyntax body } => HandlesAll(body),
        _ => false,
    };

    /// <summary>Task.Run, TaskFactory.StartNew or ContinueWith.</summary>
    private static bool IsStart(IInvocationOperation call, KnownSymbols known) => call.TargetMethod switch
    {
        { Name: "Run", ContainingType: var type } => SymbolEqualityComparer.Default.Equals(type, known.Task),
        { Name: "StartNew", ContainingType.Name: "TaskFactory" } => true,
        { Name: "ContinueWith", ContainingType: var type } => type.IsTask(known),
        _ => false,
    };

    private static bool CoversDelegate(IOperation target) => target switch
    {
        IMethodReferenceOperation reference => CoversMethod(reference.Method),
        IAnonymousFunctionOperation { Syntax: AnonymousFunctionExpressionSyntax { Body: BlockSyntax body } } => HandlesAll(body),
        IAnonymousFunctionOperation { Body.Operations: [var only, ..] } => CallIn(only) is { } call && CoversMethod(call.TargetMethod),
        _ => false,
    };

    // () => LoopAsync(), async () => await LoopAsync().ConfigureAwait(false)
    private static IInvocationOperation? CallIn(IOperation? operation) => operation switch
    {
        IReturnOperation returned => CallIn(returned.ReturnedValue),
        IExpressionStatementOperation statement => CallIn(statement.Operation),
        IAwaitOperation awaited => CallIn(awaited.Operation),
        IConversionOperation conversion => CallIn(conversion.Operand),
        IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } task } => CallIn(task),
        IInvocationOperation call => call,
        _ => null,
    };

    /// <summary>Whether the method hands out complete tasks and signals alone, and starts no work.</summary>
    public static bool IsSignal(IInvocationOperation call) => IsSignal(call.TargetMethod);

    /// <summary>The same of a method.</summary>
    public static bool IsSignal(IMethodSymbol method) =>
        !IsReplaceable(method) && !method.IsAsync && BodyOf(method) is var (body, expression) && HandsOutSignals(body, expression);

    private static bool CoversMethod(IMethodSymbol method)
    {
        if (IsReplaceable(method))
            return false;

        var (body, expression) = BodyOf(method);
        return (body is not null && HandlesAll(body)) || (!method.IsAsync && HandsOutSignals(body, expression));
    }

    private static bool IsReplaceable(IMethodSymbol method) => method.IsAbstract || method.IsVirtual || (method.IsOverride && !method.IsSealed);

    private static (BlockSyntax? Body, ExpressionSyntax? Expression) BodyOf(IMethodSymbol method) =>
        (method.PartialImplementationPart ?? method).OriginalDefinition.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() switch
        {
            MethodDeclarationSyntax declaration => (declaration.Body, declaration.ExpressionBody?.Expression),
            LocalFunctionStatementSyntax declaration => (declaration.Body, declaration.ExpressionBody?.Expression),
            _ => (null, null),
        };

    // return Task.CompletedTask; return Task.FromResult(…); return completionSource.Task;
    private static bool HandsOutSignals(BlockSyntax? body, ExpressionSyntax? expression)
    {
        if (body is null)
            return expression is not null && IsSignal(expression);

        var returns = body.DescendantNodes(static node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)).OfType<ReturnStatementSyntax>().ToList();
        return returns.Count > 0 && returns.All(static one => one.Expression is { } returned && IsSignal(returned));
    }

    private static bool IsSignal(ExpressionSyntax returned) => returned switch
    {
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "CompletedTask" or "Task" } => true,
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "FromResult", Expression: IdentifierNameSyntax { Identifier.ValueText: "Task" or "ValueTask" } } } => true,
        _ => false,
    };

    private static bool HandlesAll(BlockSyntax body) =>
        body.Statements.All(LetsNothingOut) && body.DescendantNodes().Any(static node => node is TryStatementSyntax);

    private static bool LetsNothingOut(StatementSyntax statement) => statement switch
    {
        BlockSyntax block => block.Statements.All(LetsNothingOut),
        TryStatementSyntax guarded =>
            guarded.Catches.All(static one => !Throws(one))
            && (guarded.Catches.Any(CatchesAll) || LetsNothingOut(guarded.Block))
            && (guarded.Finally is null || !Throws(guarded.Finally)),
        WhileStatementSyntax loop => IsHarmless(loop.Condition) && LetsNothingOut(loop.Statement),
        DoStatementSyntax loop => IsHarmless(loop.Condition) && LetsNothingOut(loop.Statement),
        ForStatementSyntax loop => loop.Statement is { } once && LetsNothingOut(once) && loop.DescendantNodes(node => node != once).All(static node => node is not InvocationExpressionSyntax),
        IfStatementSyntax choice => IsHarmless(choice.Condition) && LetsNothingOut(choice.Statement) && (choice.Else is null || LetsNothingOut(choice.Else.Statement)),
        ExpressionStatementSyntax { Expression: AwaitExpressionSyntax { Expression: var awaited } } => IsDelay(awaited),
        LocalDeclarationStatementSyntax or ExpressionStatementSyntax or ReturnStatementSyntax => IsHarmless(statement),
        EmptyStatementSyntax or BreakStatementSyntax or ContinueStatementSyntax or LocalFunctionStatementSyntax => true,
        _ => false,
    };

    // await Task.Delay(…), also with ConfigureAwait: if anything, it is cancelled, which is no fault.
    private static bool IsDelay(ExpressionSyntax awaited) => awaited switch
    {
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Expression: var task } } => IsDelay(task),
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Delay" or "Yield", Expression: IdentifierNameSyntax { Identifier.ValueText: "Task" } } } call =>
            call.ArgumentList.Arguments.All(static argument => IsHarmless(argument)),
        _ => false,
    };

    private static bool CatchesAll(CatchClauseSyntax one) =>
        one.Filter is null
        && one.Declaration?.Type is null or IdentifierNameSyntax { Identifier.ValueText: "Exception" } or QualifiedNameSyntax { Right.Identifier.ValueText: "Exception" };

    private static bool Throws(SyntaxNode handler) =>
        handler.DescendantNodes(static node => node is not AnonymousFunctionExpressionSyntax).Any(static node => node is ThrowStatementSyntax or ThrowExpressionSyntax);

    // Nothing is called, made, indexed or cast.
    private static bool IsHarmless(SyntaxNode node) => node.DescendantNodesAndSelf().All(static part =>
        part is not (InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax or ElementAccessExpressionSyntax or CastExpressionSyntax or ThrowExpressionSyntax or AwaitExpressionSyntax));
}
