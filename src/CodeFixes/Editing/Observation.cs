using Microsoft.CodeAnalysis.Simplification;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Writes <c>.Observe()</c>, the runtime's extension method that sees to a task's faults.</summary>
internal static class Observation
{
    private const string Method = "Observe";

    private static readonly ImmutableArray<string> SymbolAnnotationKinds = ["SymbolId"];

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

        // The annotations of a type that is to be imported import its namespace also where it isn't named.
        var annotations = generator.TypeExpression(known.TaskObservation!, addImport: true)
            .DescendantNodesAndSelf()
            .SelectMany(static node => SymbolAnnotationKinds.SelectMany(node.GetAnnotations))
            .Append(Simplifier.AddImportsAnnotation);
        return call.WithAdditionalAnnotations(annotations).WithTriviaFrom(task);
    }
}
