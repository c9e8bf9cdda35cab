namespace ConcurrencyAnalyzers.Editing;

/// <summary>The comments in code that a fix takes away: they go above what it writes.</summary>
internal static class KeptComments
{
    /// <summary>The replacement, and above it the comments of the statement that it lacks.</summary>
    public static StatementSyntax Above(StatementSyntax replacement, StatementSyntax original)
    {
        var lost = Lost(original.DescendantTrivia(), replacement);
        if (lost.Count == 0)
            return replacement;

        var indentation = SyntaxFactory.Whitespace(Indentation.Of(original));
        return replacement.WithLeadingTrivia(replacement.GetLeadingTrivia()
            .AddRange(lost.SelectMany(comment => new[] { comment, SyntaxFactory.EndOfLine("\n"), indentation })));
    }

    /// <summary>Those of the comments that the code doesn't have as well.</summary>
    public static List<SyntaxTrivia> Lost(IEnumerable<SyntaxTrivia> trivia, SyntaxNode code)
    {
        var comments = trivia.Where(StatementList.IsComment).ToList();
        if (comments.Count > 0)
        {
            foreach (var kept in code.DescendantTrivia().Where(StatementList.IsComment))
            {
                if (comments.FindIndex(comment => comment.ToString() == kept.ToString()) is >= 0 and var index)
                    comments.RemoveAt(index);
            }
        }

        return comments;
    }
}
