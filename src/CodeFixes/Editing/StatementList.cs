namespace ConcurrencyAnalyzers.Editing;

/// <summary>The statements of a block while some are taken out: the blank lines stay right, and comments stay.</summary>
internal sealed class StatementList(int capacity)
{
    private readonly List<StatementSyntax> _statements = new(capacity);
    private SyntaxTriviaList _pending;
    private bool _pendingBlank;

    public bool IsChanged { get; private set; }

    public SyntaxList<StatementSyntax> ToList() => [.. _statements];

    public void Keep(StatementSyntax statement)
    {
        if (IsChanged)
            statement = statement.WithLeadingTrivia(Join(statement.GetLeadingTrivia()));

        _statements.Add(statement);
    }

    public void Remove(StatementSyntax statement, bool keepComments)
    {
        IsChanged = true;
        _pendingBlank |= StartsBlank(statement.GetLeadingTrivia());
        if (!keepComments)
            return;

        var indentation = SyntaxFactory.Whitespace(Indentation.Of(statement));
        foreach (var comment in Comments(statement))
            _pending = [.. _pending, indentation, comment, SyntaxFactory.EndOfLine("\n")];
    }

    public void Replace(StatementSyntax statement, StatementSyntax replacement)
    {
        IsChanged = true;
        _pendingBlank |= StartsBlank(statement.GetLeadingTrivia());
        Keep(replacement);
    }

    /// <summary>Puts the statements of the body in the place of the statement.</summary>
    public void Splice(StatementSyntax statement, BlockSyntax body, bool keepComments)
    {
        IsChanged = true;
        _pendingBlank |= StartsBlank(statement.GetLeadingTrivia());
        var indentation = SyntaxFactory.Whitespace(Indentation.Of(statement));
        IEnumerable<SyntaxTrivia> head = keepComments ? HeaderOf(statement).Where(IsComment) : [];
        foreach (var comment in head.Concat(body.OpenBraceToken.LeadingTrivia.Concat(body.OpenBraceToken.TrailingTrivia).Where(IsComment)))
            _pending = [.. _pending, indentation, comment, SyntaxFactory.EndOfLine("\n")];

        foreach (var inner in body.Statements)
            Keep(inner);

        foreach (var comment in body.CloseBraceToken.LeadingTrivia.Concat(FooterOf(statement)).Where(IsComment))
            _pending = [.. _pending, indentation, comment, SyntaxFactory.EndOfLine("\n")];
    }

    public SyntaxToken Close(SyntaxToken closeBrace)
    {
        _pendingBlank = false;
        return closeBrace.WithLeadingTrivia(_pending.AddRange(closeBrace.LeadingTrivia));
    }

    public static bool IsComment(SyntaxTrivia trivia) =>
        trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia);

    /// <summary>A statement that takes the place of the one that stood before it, with the blank lines above that.</summary>
    public static StatementSyntax WithBlankLinesOf(StatementSyntax before, StatementSyntax statement)
    {
        var blank = BlankLines(before.GetLeadingTrivia());
        if (blank.Count == 0 && before.ListOf() is { IsEmpty: false } list && list[0] != before)
            return statement;

        var leading = statement.GetLeadingTrivia();
        return statement.WithLeadingTrivia(blank.Concat(leading.Skip(BlankLines(leading).Count)));
    }

    private static List<SyntaxTrivia> BlankLines(SyntaxTriviaList leading)
    {
        var white = leading.TakeWhile(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia) || trivia.IsKind(SyntaxKind.WhitespaceTrivia)).ToList();
        return white.GetRange(0, white.FindLastIndex(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia)) + 1);
    }

    private static IEnumerable<SyntaxTrivia> HeaderOf(StatementSyntax statement) => statement switch
    {
        UsingStatementSyntax used => used.GetLeadingTrivia().Concat(used.CloseParenToken.TrailingTrivia),
        TryStatementSyntax attempt => attempt.GetLeadingTrivia().Concat(attempt.TryKeyword.TrailingTrivia),
        _ => statement.GetLeadingTrivia(),
    };

    private static IEnumerable<SyntaxTrivia> FooterOf(StatementSyntax statement) =>
        statement is TryStatementSyntax { Finally: { } last } attempt ? attempt.Block.CloseBraceToken.TrailingTrivia.Concat(last.DescendantTrivia()) : statement.GetTrailingTrivia();

    private static IEnumerable<SyntaxTrivia> Comments(StatementSyntax statement) =>
        statement.DescendantTrivia().Where(IsComment);

    // A block doesn't begin with a blank line, and what was set off by one still is.
    private SyntaxTriviaList Join(SyntaxTriviaList leading)
    {
        if (StartsBlank(leading) && (_statements.Count == 0 || _pending.Count > 0))
            leading = leading.RemoveAt(leading.IndexOf(SyntaxKind.EndOfLineTrivia));

        SyntaxTriviaList joined = [.. _pending, .. leading];
        if (_pendingBlank && _statements.Count > 0 && !StartsBlank(joined))
            joined = joined.Insert(0, SyntaxFactory.EndOfLine("\n"));

        _pending = default;
        _pendingBlank = false;
        return joined;
    }

    private static bool StartsBlank(SyntaxTriviaList leading)
    {
        foreach (var trivia in leading)
        {
            if (!trivia.IsKind(SyntaxKind.WhitespaceTrivia))
                return trivia.IsKind(SyntaxKind.EndOfLineTrivia);
        }

        return false;
    }
}
