using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>What to await in the place of an access that blocks on a task.</summary>
internal sealed class AwaitedTask
{
    private AwaitedTask(ExpressionSyntax place, ExpressionSyntax task, bool? configureAwaitFalse = null)
    {
        Place = place;
        Task = task;
        ConfigureAwaitFalse = configureAwaitFalse;
    }

    /// <summary>The expression that the await replaces: the access, or the whole <c>task?.Result</c>.</summary>
    public ExpressionSyntax Place { get; }

    public ExpressionSyntax Task { get; }

    /// <summary>What the code says itself by ConfigureAwait; null where it doesn't.</summary>
    public bool? ConfigureAwaitFalse { get; }

    /// <summary>Null where no await means the same.</summary>
    public static AwaitedTask? Of(ExpressionSyntax access, SemanticModel model, SyntaxGenerator generator, CancellationToken cancellationToken)
    {
        var known = KnownSymbols.Of(model.Compilation);
        if (IsBehindConditional(access))
            return null;

        switch (access)
        {
            case MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Result", Expression: var task }:
                return new(access, task);
            case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax member } invocation:
                return OfCall(invocation, member, model, generator, known, cancellationToken);
            case MemberBindingExpressionSyntax or InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax }:
                return OfConditional(access, model, generator, known, cancellationToken);
            default:
                return null;
        }
    }

    // In `x?.FooAsync().Result` the task is a part of the conditional access, and can't stand alone.
    private static bool IsBehindConditional(ExpressionSyntax access)
    {
        for (var receiver = ReceiverOf(access); receiver is not null; receiver = ReceiverOf(receiver))
        {
            if (receiver is MemberBindingExpressionSyntax or ElementBindingExpressionSyntax)
                return true;
        }

        return false;
    }

    private static ExpressionSyntax? ReceiverOf(ExpressionSyntax expression) => expression switch
    {
        MemberAccessExpressionSyntax member => member.Expression,
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax member } => member.Expression,
        InvocationExpressionSyntax { Expression: ElementBindingExpressionSyntax or MemberBindingExpressionSyntax } when expression.Parent is ConditionalAccessExpressionSyntax => null,
        InvocationExpressionSyntax call => call.Expression,
        ElementAccessExpressionSyntax element => element.Expression,
        PostfixUnaryExpressionSyntax suppressed => suppressed.Operand,
        _ => null,
    };

    private static AwaitedTask? OfCall(InvocationExpressionSyntax invocation, MemberAccessExpressionSyntax member, SemanticModel model, SyntaxGenerator generator, KnownSymbols known, CancellationToken cancellationToken)
    {
        var arguments = invocation.ArgumentList;
        switch (member.Name.Identifier.ValueText)
        {
            case "Wait" when arguments.Arguments.Count == 0:
                return new(invocation, member.Expression);

            // The bool that says whether the time was enough has no counterpart: WaitAsync throws. Nor has a number of
            // milliseconds that WaitAsync takes as a TimeSpan only.
            case "Wait" when invocation.Parent is ExpressionStatementSyntax or ArrowExpressionClauseSyntax && known.Task!.GetMembers("WaitAsync").Length > 0:
                return new(invocation, invocation.WithExpression(member.WithName(SyntaxFactory.IdentifierName("WaitAsync"))).WithArgumentList(AsTimeSpans(arguments, model, generator, known, cancellationToken)));

            case "GetResult" when member.Expression is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "GetAwaiter", Expression: var task } }:
                return task is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait" } configured, ArgumentList.Arguments: [{ Expression: var value }] }
                    && value.Kind() is SyntaxKind.FalseLiteralExpression or SyntaxKind.TrueLiteralExpression
                    ? new(invocation, configured.Expression, value.IsKind(SyntaxKind.FalseLiteralExpression))
                    : new(invocation, task);

            // WhenAny gives the task and not its index; neither takes a timeout or a token.
            case "WaitAll" or "WaitAny" when model.GetSymbolInfo(invocation, cancellationToken).Symbol is IMethodSymbol { Parameters.Length: var length } && (length == 1 || arguments.Arguments.Count == 1) && (member.Name.Identifier.ValueText == "WaitAll" || invocation.Parent is ExpressionStatementSyntax):
                return new(invocation, invocation.WithExpression(member.WithName(SyntaxFactory.IdentifierName(member.Name.Identifier.ValueText.Replace("Wait", "When")))));

            default:
                return null;
        }
    }

    // `task?.Wait();` → `await (task ?? Task.CompletedTask);`
    private static AwaitedTask? OfConditional(ExpressionSyntax access, SemanticModel model, SyntaxGenerator generator, KnownSymbols known, CancellationToken cancellationToken)
    {
        if (access is not InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax { Name.Identifier.ValueText: "Wait" }, ArgumentList.Arguments.Count: 0 }
            || access.Parent is not ConditionalAccessExpressionSyntax { Parent: ExpressionStatementSyntax, Expression: var task } conditional
            || !model.GetTypeInfo(task, cancellationToken).Type.IsTask(known))
        {
            return null;
        }

        var completed = generator.ImportedMember(known.Task!, "CompletedTask");
        var spaced = SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.QuestionQuestionToken, [SyntaxFactory.Space]);
        return new(conditional, SyntaxFactory.BinaryExpression(SyntaxKind.CoalesceExpression, task.WithoutTrivia(), spaced, completed));
    }

    /// <summary>Arguments of Wait or Delay as WaitAsync takes them: without names, and with a TimeSpan for a number of milliseconds.</summary>
    public static ArgumentListSyntax AsTimeSpans(ArgumentListSyntax arguments, SemanticModel model, SyntaxGenerator generator, KnownSymbols known, CancellationToken cancellationToken) => arguments.WithArguments(SyntaxFactory.SeparatedList(
        arguments.Arguments.Select(argument =>
        {
            // Its parameters are timeout and cancellationToken, in that order; the names are Wait's.
            var isMilliseconds = model.GetTypeInfo(argument.Expression, cancellationToken).Type?.SpecialType == SpecialType.System_Int32;
            return argument.WithNameColon(null).WithExpression(isMilliseconds ? FromMilliseconds(argument.Expression, generator, known) : argument.Expression);
        }),
        arguments.Arguments.GetSeparators()));

    private static InvocationExpressionSyntax FromMilliseconds(ExpressionSyntax milliseconds, SyntaxGenerator generator, KnownSymbols known) => SyntaxFactory.InvocationExpression(
        generator.ImportedMember(known.TimeSpan!, "FromMilliseconds"),
        SyntaxFactory.ArgumentList([SyntaxFactory.Argument(milliseconds.WithoutTrivia())])).WithTriviaFrom(milliseconds);
}
