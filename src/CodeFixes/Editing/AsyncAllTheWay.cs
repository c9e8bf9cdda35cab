namespace ConcurrencyAnalyzers.Editing;

/// <summary>Makes a method or local function that blocks on a task async, awaits the task, and awaits the function in its callers.</summary>
internal static class AsyncAllTheWay
{
    /// <summary>The name of the function, and the solution in which it is async; null where that can't be.</summary>
    public static async Task<(string Name, Solution Changed)?> FromAsync(Document document, ExpressionSyntax access, CancellationToken cancellationToken)
    {
        if (EnclosingFunction.Of(access) is not { } function || function is not (MethodDeclarationSyntax or LocalFunctionStatementSyntax))
            return null;

        var model = (await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false))!;
        if (BlockingCatch.IsAround(access, model, cancellationToken) || AwaitedTask.Of(access, model, SyntaxGenerator.GetGenerator(document), cancellationToken) is not { } task)
            return null;

        var root = await access.SyntaxTree.GetRootAsync(cancellationToken).ConfigureAwait(false);
        var awaited = AwaitInsertion.Await(task.Task, task.Place, task.ConfigureAwaitFalse ?? AwaitInsertion.UsesConfigureAwaitFalse(root));
        return await AsyncPropagation.MakeAsync(document, function, task.Place, awaited, cancellationToken).ConfigureAwait(false) is { } changed
            ? (function is MethodDeclarationSyntax method ? method.Identifier.ValueText : ((LocalFunctionStatementSyntax)function).Identifier.ValueText, changed)
            : null;
    }
}
