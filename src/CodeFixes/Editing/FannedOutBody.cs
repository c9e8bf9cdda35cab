using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>The code that starts a task for one element, where it is no function yet: the body of a loop, the selection of a query.</summary>
internal sealed class FannedOutBody(string element, IReadOnlyList<LocalDeclarationStatementSyntax> locals, ExpressionSyntax task)
{
    private BlockSyntax? _block;
    private StatementSyntax? _store;
    private SyntaxTriviaList _beforeBlock = [SyntaxFactory.Space];

    /// <summary>The name of the element, or of the index.</summary>
    public string Element { get; init; } = element;

    /// <summary>Nodes that stand for others, such as the element for <c>xs[i]</c>.</summary>
    public IReadOnlyDictionary<SyntaxNode, SyntaxNode> Replacements { get; init; } = new Dictionary<SyntaxNode, SyntaxNode>();

    public IEnumerable<SyntaxNode> Nodes => [.. locals, task];

    public SyntaxNode Code => _block ?? (SyntaxNode)task;

    public bool IsExpression => locals.Count == 0;

    /// <summary>Which elements there is work for, where not for all.</summary>
    public ElementFilter Filter { get; private init; } = ElementFilter.None;

    /// <summary>The body of a loop that declares locals and stores one task; null for any other.</summary>
    public static FannedOutBody? OfLoop(TaskFanOut fanOut, StatementSyntax statement, SyntaxToken closeParen, string element)
    {
        var filter = ElementFilter.Take(ref statement, out var statements);
        if (statements.IsEmpty || statements[statements.Length - 1] is not ExpressionStatementSyntax { Expression: var stored } store || stored != fanOut.Start.Syntax)
            return null;

        var task = stored switch
        {
            _ when stored == fanOut.Work.Syntax => stored,
            InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression: var added }] } => added,
            AssignmentExpressionSyntax assignment => assignment.Right,
            _ => null,
        };
        var locals = statements.Take(statements.Length - 1).OfType<LocalDeclarationStatementSyntax>()
            .Where(static local => local.UsingKeyword.IsKind(SyntaxKind.None) && local.Declaration.Type is not RefTypeSyntax).ToList();
        if (task is null || locals.Count < statements.Length - 1 || statement.DescendantNodes().Any(node => node is AwaitExpressionSyntax && EnclosingFunction.Of(node) == EnclosingFunction.Of(statement)))
            return null;

        // var task = F(x); tasks.Add(task);
        if (task is IdentifierNameSyntax name && locals.Count > 0 && locals[locals.Count - 1].Declaration.Variables is [{ Initializer.Value: { } value } last] && last.Identifier.ValueText == name.Identifier.ValueText)
        {
            task = value;
            locals.RemoveAt(locals.Count - 1);
        }

        var body = new FannedOutBody(element, locals, task) { Filter = filter, _block = statement as BlockSyntax, _store = store };
        if (closeParen.TrailingTrivia.Any(SyntaxKind.EndOfLineTrivia))
            body._beforeBlock = closeParen.TrailingTrivia;
        return body;
    }

    /// <summary>The same code with other names.</summary>
    public FannedOutBody With(string name, IReadOnlyDictionary<SyntaxNode, SyntaxNode> replacements) =>
        new(name, locals, task) { Replacements = replacements, _block = _block, _store = _store, _beforeBlock = _beforeBlock };

    /// <summary>The code as a lambda, with a second parameter where the token has a name.</summary>
    public LambdaExpressionSyntax ToLambda(string? token, IReadOnlyDictionary<InvocationExpressionSyntax, ArgumentSyntax> offers, Func<ExpressionSyntax, ExpressionSyntax>? around = null)
    {
        var result = Rewrite(task, offers, Replacements).WithoutTrivia();
        if (IsExpression)
            return Lambda(Element, token, null, around is null ? result : around(result));

        var returned = SyntaxFactory.ReturnStatement(SyntaxFactory.Token(default, SyntaxKind.ReturnKeyword, [SyntaxFactory.Space]), result, SyntaxFactory.Token(SyntaxKind.SemicolonToken)).WithTriviaFrom(_store!);
        var block = _block!.WithStatements([.. locals.Select(local => Rewrite(local, offers, Replacements)), returned]);
        if (!Filter.IsNone)
            block = block.ReplaceNode(block.Statements[0], WithoutBlankLines(block.Statements[0]));

        block = block.WithCloseBraceToken(block.CloseBraceToken.WithTrailingTrivia());
        var startsLine = _beforeBlock.Any(SyntaxKind.EndOfLineTrivia);
        var lambda = Lambda(Element, token, startsLine ? block : block.WithOpenBraceToken(block.OpenBraceToken.WithLeadingTrivia()), null);
        return lambda.WithArrowToken(lambda.ArrowToken.WithTrailingTrivia(_beforeBlock));
    }

    // The condition that stood before it is gone.
    private static StatementSyntax WithoutBlankLines(StatementSyntax statement)
    {
        var leading = statement.GetLeadingTrivia();
        var blank = leading.TakeWhile(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia) || trivia.IsKind(SyntaxKind.WhitespaceTrivia)).ToList();
        return statement.WithLeadingTrivia(leading.Skip(blank.FindLastIndex(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia)) + 1));
    }

    /// <summary>The code with the offered arguments, and with the nodes that stand for others.</summary>
    public static T Rewrite<T>(T code, IReadOnlyDictionary<InvocationExpressionSyntax, ArgumentSyntax> offers, IReadOnlyDictionary<SyntaxNode, SyntaxNode>? replacements = null)
        where T : SyntaxNode
    {
        var nodes = offers.Keys.Concat(replacements?.Keys ?? []).Where(node => code.FullSpan.Contains(node.FullSpan) && code.DescendantNodesAndSelf().Contains(node));
        return code.ReplaceNodes(nodes, (original, rewritten) =>
            replacements is not null && replacements.TryGetValue(original, out var replacement) ? replacement
            : TokenForwarding.WithArgument((InvocationExpressionSyntax)rewritten, offers[(InvocationExpressionSyntax)original]));
    }

    /// <summary><c>x => body</c> or <c>(x, ct) => body</c></summary>
    public static LambdaExpressionSyntax Lambda(string parameter, string? token, BlockSyntax? block, ExpressionSyntax? expression)
    {
        var arrow = SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.EqualsGreaterThanToken, [SyntaxFactory.Space]);
        var first = SyntaxFactory.Parameter(SyntaxFactory.Identifier(parameter));
        if (token is null)
            return SyntaxFactory.SimpleLambdaExpression([], default, first, arrow, block, expression);

        var comma = SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space]);
        var parameters = SyntaxFactory.ParameterList(SyntaxFactory.SeparatedList([first, SyntaxFactory.Parameter(SyntaxFactory.Identifier(token))], [comma]));
        return SyntaxFactory.ParenthesizedLambdaExpression([], default, null, parameters, arrow, block, expression);
    }
}
