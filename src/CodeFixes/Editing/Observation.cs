namespace ConcurrencyAnalyzers.Editing;

/// <summary>Writes <c>.Observe()</c>, the runtime's extension method that sees to a task's faults.</summary>
internal static class Observation
{
    private const string Method = "Observe";

    /// <summary>Whether the runtime is referenced, and no other method of the name would be called instead.</summary>
    public static bool IsAvailable(SemanticModel model, int position, KnownSymbols known) =>
        known.TaskObservation is { } runtime
        && known.Task is { } task
        && model.LookupSymbols(position, task, Method, includeReducedExtensionMethods: true)
            .All(method => SymbolEqualityComparer.Default.Equals(method.ContainingType, runtime));

    /// <summary>
    /// <c>task.Observe()</c>, and <c>x?.FooAsync().Observe()</c> inside a conditional access. The ConfigureAwait of what
    /// isn't awaited goes. The using comes with the clean-up.
    /// </summary>
    public static ExpressionSyntax Observe(ExpressionSyntax task, SyntaxGenerator generator, KnownSymbols known)
    {
        switch (task)
        {
            case ConditionalAccessExpressionSyntax access:
                return access.WithWhenNotNull(Observe(access.WhenNotNull, generator, known));
            case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Expression: var configured } }:
                return Observe(configured, generator, known).WithTriviaFrom(task);
        }

        var call = SyntaxFactory.InvocationExpression(SyntaxFactory.MemberAccessExpression(
            SyntaxKind.SimpleMemberAccessExpression, AwaitInsertion.Parenthesize(task.WithoutTrivia()), SyntaxFactory.IdentifierName(Method)));

        // Its annotations say which namespace to import.
        return generator.TypeExpression(known.TaskObservation!, addImport: true).CopyAnnotationsTo(call).WithTriviaFrom(task);
    }
}
