namespace ConcurrencyAnalyzers.Editing;

/// <summary>Statements that follow one another: in a block, in a switch section, or at the top level of a program.</summary>
internal static class StatementLists
{
    /// <summary>The statements of the list that the statement is in; none where it stands alone, as an if's branch does.</summary>
    public static ImmutableArray<StatementSyntax> ListOf(this StatementSyntax statement) => statement.Parent switch
    {
        BlockSyntax block => [.. block.Statements],
        SwitchSectionSyntax section => [.. section.Statements],
        GlobalStatementSyntax { Parent: CompilationUnitSyntax unit } => [.. unit.Members.OfType<GlobalStatementSyntax>().Select(static member => member.Statement)],
        _ => [],
    };

    /// <summary>The scope of what is declared in the statement's list.</summary>
    public static SyntaxNode ScopeOf(this StatementSyntax statement) =>
        statement.Parent is GlobalStatementSyntax { Parent: { } unit } ? unit : statement.Parent!;

    /// <summary>Takes the statement out of its list, its trivia included.</summary>
    public static void RemoveStatement(this SyntaxEditor editor, StatementSyntax statement) =>
        editor.RemoveNode(statement.Parent is GlobalStatementSyntax global ? global : statement, SyntaxRemoveOptions.KeepUnbalancedDirectives);
}
