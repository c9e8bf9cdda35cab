namespace ConcurrencyAnalyzers.Editing;

/// <summary>Replaces a local by a field, and takes away its declaration and what disposed it, but no comment.</summary>
internal sealed class HoistRewriter(ExpressionSyntax creation, string fieldName, ISet<SyntaxNode> uses, ISet<StatementSyntax> removed, ISet<StatementSyntax> unwrapped) : CSharpSyntaxRewriter
{
    public override SyntaxNode? Visit(SyntaxNode? node) =>
        node == creation || (node is not null && uses.Contains(node)) ? SyntaxFactory.IdentifierName(fieldName).WithTriviaFrom(node) : base.Visit(node);

    public override SyntaxNode? VisitBlock(BlockSyntax node)
    {
        var edited = new StatementList(node.Statements.Count);
        foreach (var statement in node.Statements)
            Add(edited, statement, canSplice: true);

        if (!edited.IsChanged)
            return base.VisitBlock(node);

        return node.WithStatements(edited.ToList()).WithCloseBraceToken(edited.Close(node.CloseBraceToken));
    }

    public override SyntaxNode? VisitSwitchSection(SwitchSectionSyntax node)
    {
        var edited = new StatementList(node.Statements.Count);
        foreach (var statement in node.Statements)
            Add(edited, statement, canSplice: false);

        return edited.IsChanged ? node.WithStatements(edited.ToList()) : base.VisitSwitchSection(node);
    }

    // Where a using or try is no statement of a block, its block takes its place.
    public override SyntaxNode? VisitUsingStatement(UsingStatementSyntax node) =>
        unwrapped.Contains(node) ? ((StatementSyntax)Visit(node.Statement)!).WithTriviaFrom(node) : base.VisitUsingStatement(node);

    public override SyntaxNode? VisitTryStatement(TryStatementSyntax node)
    {
        if (!unwrapped.Contains(node))
            return base.VisitTryStatement(node);

        var visited = (TryStatementSyntax)base.VisitTryStatement(node)!;
        return node.Catches.Count > 0
            ? visited.WithFinally(null).WithTrailingTrivia(node.GetTrailingTrivia())
            : visited.Block.WithTriviaFrom(node);
    }

    private void Add(StatementList edited, StatementSyntax statement, bool canSplice)
    {
        if (removed.Contains(statement))
        {
            edited.Remove(statement, keepComments: !statement.Span.Contains(creation.Span));
        }
        else if (unwrapped.Contains(statement) && canSplice && BodyOf(statement) is { } body && CanSplice(statement, body))
        {
            var from = body.Statements.Count > 0 ? Indentation.Of(body.Statements[0]) : "";
            var visited = (BlockSyntax)Visit(body)!;
            edited.Splice(statement, Indentation.Shift(visited, from, Indentation.Of(statement)), keepComments: !IsDeclaration(statement));
        }
        else if (unwrapped.Contains(statement) && IsDeclaration(statement))
        {
            edited.Replace(statement, ((StatementSyntax)Visit(statement)!).WithLeadingTrivia(SyntaxFactory.Whitespace(Indentation.Of(statement))));
        }
        else
        {
            edited.Keep((StatementSyntax)Visit(statement)!);
        }
    }

    private static bool IsDeclaration(StatementSyntax statement) => statement is UsingStatementSyntax { Declaration: not null };

    private static BlockSyntax? BodyOf(StatementSyntax statement) => statement switch
    {
        UsingStatementSyntax { Statement: BlockSyntax block } => block,
        TryStatementSyntax { Catches.Count: 0 } attempt => attempt.Block,
        _ => null,
    };

    // The body's locals must not meet others of their names, and its using declarations must not live longer.
    private static bool CanSplice(StatementSyntax statement, BlockSyntax body)
    {
        if (statement.Parent is not BlockSyntax parent)
            return false;

        if (parent.Statements.Last() != statement && body.Statements.Any(static one => one is LocalDeclarationStatementSyntax { UsingKeyword.RawKind: not (int)SyntaxKind.None }))
            return false;

        var declared = new HashSet<string>(body.Statements
            .SelectMany(static one => one.DescendantNodesAndSelf(static node => node is not (BlockSyntax or AnonymousFunctionExpressionSyntax)))
            .Select(static node => node switch
            {
                VariableDeclaratorSyntax variable => variable.Identifier.ValueText,
                SingleVariableDesignationSyntax variable => variable.Identifier.ValueText,
                LocalFunctionStatementSyntax function => function.Identifier.ValueText,
                _ => "",
            }), StringComparer.Ordinal);
        return !(EnclosingFunction.Of(statement) ?? parent).DescendantTokens()
            .Any(token => token.IsKind(SyntaxKind.IdentifierToken) && declared.Contains(token.ValueText) && !statement.Span.Contains(token.Span));
    }
}
