namespace ConcurrencyAnalyzers.Editing;

/// <summary>The white space that lines begin with.</summary>
internal static class Indentation
{
    /// <summary>What the line on which the node begins starts with.</summary>
    public static string Of(SyntaxNode node) => Of(node.GetFirstToken());

    /// <summary>What the line on which the token stands starts with.</summary>
    public static string Of(SyntaxToken token)
    {
        var text = token.SyntaxTree!.GetText();
        var line = text.Lines.GetLineFromPosition(token.SpanStart);
        var start = line.Start;
        while (start < line.End && text[start] is ' ' or '\t')
            start++;

        return text.ToString(Microsoft.CodeAnalysis.Text.TextSpan.FromBounds(line.Start, start));
    }

    /// <summary>Moves every line that begins within the node from one indentation to the other; text in literals stays.</summary>
    public static T Shift<T>(T node, string from, string to)
        where T : SyntaxNode =>
        from == to ? node : node.ReplaceTrivia(
            node.DescendantTrivia().Where(trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia) && StartsLine(trivia, node)),
            (trivia, _) => trivia.ToString().StartsWith(from, StringComparison.Ordinal) ? SyntaxFactory.Whitespace(to + trivia.ToString().Substring(from.Length)) : trivia);

    private static bool StartsLine(SyntaxTrivia trivia, SyntaxNode node)
    {
        var leading = trivia.Token.LeadingTrivia;
        var index = leading.IndexOf(trivia);
        if (index > 0)
            return leading[index - 1].IsKind(SyntaxKind.EndOfLineTrivia) || leading[index - 1].IsDirective;

        return index == 0 && (trivia.Token == node.GetFirstToken() || trivia.Token.GetPreviousToken().TrailingTrivia.Any(SyntaxKind.EndOfLineTrivia));
    }
}
