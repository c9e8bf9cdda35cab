namespace ConcurrencyAnalyzers.Editing;

/// <summary>Names for new variables that clash with none in scope and none declared further in.</summary>
internal static class FreshName
{
    /// <summary>The first of the names that is free for a variable that is seen in the scope, else the first with a number.</summary>
    public static string In(SyntaxNode scope, SemanticModel model, params string[] wanted)
    {
        var taken = new HashSet<string>(model.LookupSymbols(scope.SpanStart).Select(static symbol => symbol.Name));
        taken.UnionWith(scope.DescendantTokens().Where(static token => token.IsKind(SyntaxKind.IdentifierToken)).Select(static token => token.ValueText));
        return wanted.FirstOrDefault(name => !taken.Contains(name))
            ?? Enumerable.Range(2, int.MaxValue - 2).Select(number => wanted[0] + number).First(name => !taken.Contains(name));
    }

    /// <summary>What to call an element of the sequence: <c>url</c> for <c>_urls</c>, <c>item</c> where its name tells nothing.</summary>
    public static string ForElementOf(ExpressionSyntax sequence)
    {
        var name = (sequence switch
        {
            IdentifierNameSyntax identifier => identifier.Identifier.ValueText,
            MemberAccessExpressionSyntax member => member.Name.Identifier.ValueText,
            _ => "",
        }).TrimStart('_');
        var singular = name switch
        {
            _ when name.EndsWith("ies", StringComparison.Ordinal) => name.Substring(0, name.Length - 3) + "y",
            _ when name.EndsWith("sses", StringComparison.Ordinal) || name.EndsWith("xes", StringComparison.Ordinal) || name.EndsWith("ches", StringComparison.Ordinal) || name.EndsWith("shes", StringComparison.Ordinal) => name.Substring(0, name.Length - 2),
            _ when name.EndsWith("s", StringComparison.Ordinal) && !name.EndsWith("ss", StringComparison.Ordinal) => name.Substring(0, name.Length - 1),
            _ => "",
        };
        if (singular.Length == 0)
            return "item";

        singular = char.ToLowerInvariant(singular[0]) + singular.Substring(1);
        return SyntaxFacts.GetKeywordKind(singular) == SyntaxKind.None ? singular : "item";
    }
}
