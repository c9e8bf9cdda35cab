using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary>A loop over WhenAny and Remove → <c>await foreach (var done in Task.WhenEach(tasks))</c>, or over Gather.AsCompletedAsync.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC209WhenAnyInLoopCodeFix)), Shared]
public sealed class CONC209WhenAnyInLoopCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.WhenAnyInLoop];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression: IdentifierNameSyntax tasks }] } whenAny || model is null
            // Of a parameter or a field, others see whether it is empty afterwards.
            || model.GetSymbolInfo(tasks, cancellationToken).Symbol is not ILocalSymbol
            || whenAny.FirstAncestorOrSelf<WhileStatementSyntax>() is not { Statement: BlockSyntax body } loop
            || Declaration(whenAny, body) is not var (declaration, name, isConfigured)
            || Removal(body, tasks.Identifier.ValueText, name) is not { } removal
            || !IsUntilEmpty(loop.Condition, tasks.Identifier.ValueText)
            || IsMentionedElsewhere(tasks, loop, whenAny, removal, model, cancellationToken))
        {
            return;
        }

        var known = KnownSymbols.Of(model.Compilation);
        var generator = SyntaxGenerator.GetGenerator(document);
        var isInFramework = !known.Task!.GetMembers("WhenEach").IsEmpty;
        if (!isInFramework && known.Gather is null)
            return;

        var method = isInFramework
            ? (ExpressionSyntax)generator.MemberAccessExpression(generator.TypeExpression(known.Task), "WhenEach")
            : generator.ImportedMember(known.Gather!, "AsCompletedAsync");
        var mark = new SyntaxAnnotation();
        ExpressionSyntax source = SyntaxFactory.InvocationExpression(method, SyntaxFactory.ArgumentList([SyntaxFactory.Argument(tasks.WithoutTrivia().WithAdditionalAnnotations(mark))]));
        if (TokenScope.TokenAt(loop, model, cancellationToken) is { } token)
            source = (ExpressionSyntax)generator.InvocationExpression(generator.MemberAccessExpression(source, "WithCancellation"), SyntaxFactory.ParseExpression(token));
        if (isConfigured)
            source = (ExpressionSyntax)generator.InvocationExpression(generator.MemberAccessExpression(source, "ConfigureAwait"), generator.FalseLiteralExpression());

        var list = new StatementList(body.Statements.Count);
        foreach (var statement in body.Statements)
        {
            if (statement == declaration || statement == removal)
                list.Remove(statement, keepComments: true);
            else
                list.Keep(statement);
        }

        var changedLoop = SyntaxFactory.ForEachStatement(
            SyntaxFactory.Token(default, SyntaxKind.AwaitKeyword, [SyntaxFactory.Space]),
            SyntaxFactory.Token(default, SyntaxKind.ForEachKeyword, [SyntaxFactory.Space]),
            SyntaxFactory.Token(SyntaxKind.OpenParenToken),
            declaration.Declaration.Type.WithoutTrivia().WithTrailingTrivia(SyntaxFactory.Space),
            SyntaxFactory.Identifier(default, name, [SyntaxFactory.Space]),
            SyntaxFactory.Token(default, SyntaxKind.InKeyword, [SyntaxFactory.Space]),
            source,
            loop.CloseParenToken,
            body.WithStatements(list.ToList()).WithCloseBraceToken(list.Close(body.CloseBraceToken))).WithTriviaFrom(loop);
        var type = model.GetTypeInfo(tasks, cancellationToken).Type!;
        if (await EditProof.ApplyAsync(document, model, root.ReplaceNode(loop, changedLoop), mark, type, loop, cancellationToken).ConfigureAwait(false) is { } changed)
            context.RegisterCodeFix(RuleCodeAction.Create(document, $"Enumerate the tasks as they complete, with '{(isInFramework ? "Task.WhenEach" : "Gather.AsCompletedAsync")}'", RuleIds.WhenAnyInLoop, _ => Task.FromResult(changed)), context.Diagnostics);
    }

    // The first statement: var done = await Task.WhenAny(tasks);
    private static (LocalDeclarationStatementSyntax Statement, string Name, bool IsConfigured)? Declaration(InvocationExpressionSyntax whenAny, BlockSyntax body)
    {
        var isConfigured = whenAny.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Parent: InvocationExpressionSyntax };
        var task = isConfigured ? (ExpressionSyntax)whenAny.Parent!.Parent! : whenAny;
        return task.Parent is AwaitExpressionSyntax { Parent: EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Identifier.Text: var name, Parent.Parent: LocalDeclarationStatementSyntax { Declaration.Variables.Count: 1 } statement } } }
            && body.Statements.FirstOrDefault() == statement ? (statement, name, isConfigured) : null;
    }

    private static StatementSyntax? Removal(BlockSyntax body, string tasks, string done) => body.Statements.FirstOrDefault(statement =>
        statement is ExpressionStatementSyntax { Expression: InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression: var removed }] } call }
        && (IsCall(call, tasks, "Remove") ? IsNamed(removed, done)
            : IsCall(call, tasks, "RemoveAt") && removed is InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression: var searched }] } search && IsCall(search, tasks, "IndexOf") && IsNamed(searched, done)));

    private static bool IsCall(InvocationExpressionSyntax call, string receiver, string method) =>
        call.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name, Expression: var list } && name == method && IsNamed(list, receiver);

    private static bool IsNamed(ExpressionSyntax expression, string name) => expression is IdentifierNameSyntax identifier && identifier.Identifier.Text == name;

    // tasks.Count > 0, tasks.Count != 0, tasks.Any(): nothing else ends the loop but its body.
    private static bool IsUntilEmpty(ExpressionSyntax condition, string tasks) => condition.WithoutTrivia().NormalizeWhitespace().ToString() is var text
        && (text == $"{tasks}.Count > 0" || text == $"{tasks}.Count != 0" || text == $"{tasks}.Any()" || text == $"0 < {tasks}.Count" || text == $"{tasks}.Count >= 1");

    // Elsewhere in the loop the list would be too long; after it, it wouldn't be empty.
    private static bool IsMentionedElsewhere(IdentifierNameSyntax tasks, WhileStatementSyntax loop, InvocationExpressionSyntax whenAny, StatementSyntax removal, SemanticModel model, CancellationToken cancellationToken)
    {
        var symbol = model.GetSymbolInfo(tasks, cancellationToken).Symbol;
        return loop.ScopeOf().DescendantNodes().OfType<IdentifierNameSyntax>().Any(name =>
            name.SpanStart > loop.Condition.Span.End && name.Identifier.ValueText == tasks.Identifier.ValueText
            && !whenAny.Span.Contains(name.Span) && !removal.Span.Contains(name.Span)
            && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol, symbol));
    }
}
