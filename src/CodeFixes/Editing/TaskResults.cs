using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Rewrites what reads the results of a collection of finished tasks, so that it reads an array of results.</summary>
internal sealed class TaskResults(string results, SemanticModel model, CancellationToken cancellationToken)
{
    private static readonly ImmutableHashSet<string> KeepsElements =
        ["Where", "OrderBy", "OrderByDescending", "ThenBy", "ThenByDescending", "Skip", "Take", "Reverse", "AsEnumerable", "ToList", "ToArray", "SkipWhile", "TakeWhile"];

    private readonly List<(SyntaxNode Node, Func<SyntaxNode, SyntaxNode> Change)> _changes = [];

    /// <summary>Rewrites a mention of the collection; false where something other than results is asked of it.</summary>
    public bool TryRewrite(IdentifierNameSyntax tasks)
    {
        _changes.Add((tasks, old => SyntaxFactory.IdentifierName(results).WithTriviaFrom(old)));
        switch (tasks.Parent)
        {
            case ForEachStatementSyntax loop when loop.Expression == tasks:
                return TryRewriteLoop(loop);
            case ElementAccessExpressionSyntax element when element.Expression == tasks && ResultOf(element) is { } read:
                _changes.Add((read, old => old.DescendantNodes().OfType<ElementAccessExpressionSyntax>().First().WithTriviaFrom(old)));
                return true;
            case MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Count" or "Length" } size when size.Parent is not InvocationExpressionSyntax:
                _changes.Add((size, old => ((MemberAccessExpressionSyntax)old).WithName(SyntaxFactory.IdentifierName("Length").WithTriviaFrom(size.Name))));
                return true;
            case MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call }:
                return TryRewriteChain(call);
            default:
                return false;
        }
    }

    /// <summary>The loop variable holds a result from now on; the loop's collection is the caller's to replace.</summary>
    public bool TryRewriteLoop(ForEachStatementSyntax loop)
    {
        if (!TryRewriteReads(loop.Statement, loop.Identifier.ValueText))
            return false;

        if (!loop.Type.IsVar)
            _changes.Add((loop.Type, static old => SyntaxFactory.IdentifierName("var").WithTriviaFrom(old)));
        return true;
    }

    public void Apply(SyntaxEditor editor)
    {
        // What stands further in is changed first.
        foreach (var (node, change) in _changes.OrderByDescending(static one => one.Node.SpanStart).ThenBy(static one => one.Node.Span.Length))
            editor.ReplaceNode(node, (old, _) => change(old));
    }

    // tasks.Where(t => t.Result.IsGood).Select(t => t.Result)…
    private bool TryRewriteChain(InvocationExpressionSyntax call)
    {
        if (model.GetSymbolInfo(call, cancellationToken).Symbol is not IMethodSymbol { ContainingType: var type } method || !KnownSymbols.Of(model.Compilation).IsLinq(type))
            return false;

        foreach (var argument in call.ArgumentList.Arguments)
        {
            var isRead = argument.Expression switch
            {
                SimpleLambdaExpressionSyntax { AsyncKeyword.RawKind: 0 } lambda => TryRewriteReads(lambda.Body, lambda.Parameter.Identifier.ValueText),
                LiteralExpressionSyntax or IdentifierNameSyntax => true,
                _ => false,
            };
            if (!isRead)
                return false;
        }

        // Select(t => t.Result) is now Select(t => t).
        if (method.Name == "Select" && call is { Expression: MemberAccessExpressionSyntax, ArgumentList.Arguments: [{ Expression: SimpleLambdaExpressionSyntax { ExpressionBody: { } body } projection }] }
            && body.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().FirstOrDefault(name => name.Identifier.ValueText == projection.Parameter.Identifier.ValueText) is { } own && ResultOf(own) == body)
        {
            _changes.Add((call, static old => ((MemberAccessExpressionSyntax)((InvocationExpressionSyntax)old).Expression).Expression.WithTriviaFrom(old)));
            return true;
        }

        return !KeepsElements.Contains(method.Name) || (call.Parent switch
        {
            MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax next } => TryRewriteChain(next),
            ForEachStatementSyntax loop when loop.Expression == call => TryRewriteLoop(loop),
            _ => false,
        });
    }

    // Every mention of the task reads its result, and becomes that.
    private bool TryRewriteReads(SyntaxNode code, string task)
    {
        foreach (var name in code.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Where(name => name.Identifier.ValueText == task))
        {
            if (model.GetTypeInfo(name, cancellationToken).Type.TaskResult(KnownSymbols.Of(model.Compilation)) is null || ResultOf(name) is not { } read)
                return false;

            _changes.Add((read, old => SyntaxFactory.IdentifierName(name.Identifier.WithoutTrivia()).WithTriviaFrom(old)));
        }

        return true;
    }

    /// <summary>The expression that reads the result of the task: <c>await t</c>, <c>t.Result</c>, <c>t.GetAwaiter().GetResult()</c>.</summary>
    private static ExpressionSyntax? ResultOf(ExpressionSyntax task) => task.Parent switch
    {
        AwaitExpressionSyntax awaited => awaited,
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Result", Parent: not InvocationExpressionSyntax } result when result.Expression == task => result,
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Parent: InvocationExpressionSyntax { Parent: AwaitExpressionSyntax awaited } } configured when configured.Expression == task => awaited,
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "GetAwaiter", Parent: InvocationExpressionSyntax { Parent: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "GetResult", Parent: InvocationExpressionSyntax result } } } => result,
        _ => null,
    };
}
