using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.Lifetime;

/// <summary><c>new Thread(…).Start();</c> → <c>_threads.Post(_ => …);</c>, on a ThreadExecutor in a static field.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC404PerCallThreadCodeFix)), Shared]
public sealed class CONC404PerCallThreadCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.PerCallThread];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not BaseObjectCreationExpressionSyntax creation || FieldIntroduction.TypeAround(creation) is not { } declaration)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (KnownSymbols.Of(model.Compilation).ThreadExecutor is not { } executor
            || model.GetDeclaredSymbol(declaration, context.CancellationToken) is not { } type
            || StatementsOf(creation) is not var (first, start)
            || Work(creation, model, context.CancellationToken) is not { } work)
        {
            return;
        }

        // A second fix in the same type uses the first one's executor.
        var kept = type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => field is { IsStatic: true, IsReadOnly: true } && SymbolEqualityComparer.Default.Equals(field.Type, executor));
        var name = kept?.Name ?? FieldName.For("threads", declaration, type);
        context.RegisterCodeFix(
            RuleCodeAction.Create(document, $"Run it on a shared ThreadExecutor '{name}', whose threads don't keep the process alive", RuleIds.PerCallThread, _ => Task.FromResult(Edit(document, root, declaration, first, start, work, name, kept is null ? executor : null))),
            context.Diagnostics);
    }

    private static Document Edit(Document document, SyntaxNode root, TypeDeclarationSyntax declaration, StatementSyntax first, StatementSyntax start, LambdaExpressionSyntax work, string name, INamedTypeSymbol? executor)
    {
        // Parsed, since made token by token it would be laid out anew.
        var post = SyntaxFactory.ParseStatement($"{name}.Post({work.ToFullString()});").WithLeadingTrivia(first.GetLeadingTrivia()).WithTrailingTrivia(start.GetTrailingTrivia());
        var edited = first == start ? declaration.ReplaceNode(first, post) : declaration.ReplaceNode(first.Parent!, WithoutStart((BlockSyntax)first.Parent!, first, post));
        if (executor is not null)
        {
            var type = (TypeSyntax)SyntaxGenerator.GetGenerator(document).ImportedType(executor);
            var field = FieldIntroduction.Field(name, type, SyntaxFactory.ObjectCreationExpression(SyntaxFactory.Token(default, SyntaxKind.NewKeyword, [SyntaxFactory.Space]), type, SyntaxFactory.ArgumentList(), null));
            edited = FieldIntroduction.Add(edited, declaration, field, "", [], null);
        }

        return document.WithSyntaxRoot(root.ReplaceNode(declaration, edited));
    }

    private static BlockSyntax WithoutStart(BlockSyntax block, StatementSyntax first, StatementSyntax post)
    {
        var index = block.Statements.IndexOf(first);
        return block.WithStatements(block.Statements.RemoveAt(index + 1).RemoveAt(index).Insert(index, post));
    }

    // new Thread(…).Start(); or var thread = new Thread(…); thread.Start(); with nothing else done to it.
    private static (StatementSyntax First, StatementSyntax Start)? StatementsOf(BaseObjectCreationExpressionSyntax creation)
    {
        if (creation.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Start", Parent: InvocationExpressionSyntax { ArgumentList.Arguments.Count: 0, Parent: ExpressionStatementSyntax statement } })
            return (statement, statement);

        if (creation.Parent is not EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Identifier.ValueText: var local, Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: LocalDeclarationStatementSyntax { Parent: BlockSyntax block } declaration } } }
            || block.Statements.IndexOf(declaration) is var index && index + 1 >= block.Statements.Count
            || block.Statements[index + 1] is not ExpressionStatementSyntax { Expression: InvocationExpressionSyntax { ArgumentList.Arguments.Count: 0, Expression: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax receiver, Name.Identifier.ValueText: "Start" } } } start
            || receiver.Identifier.ValueText != local
            || block.DescendantTokens().Count(token => token.IsKind(SyntaxKind.IdentifierToken) && token.ValueText == local) != 2
            || declaration.GetTrailingTrivia().Any(StatementList.IsComment) || start.GetLeadingTrivia().Any(StatementList.IsComment))
        {
            return null;
        }

        return (declaration, start);
    }

    // () => Work() or Work, without a parameter; a thread's name and priority go, its culture and apartment can't.
    private static LambdaExpressionSyntax? Work(BaseObjectCreationExpressionSyntax creation, SemanticModel model, CancellationToken cancellationToken)
    {
        if (creation is not { ArgumentList.Arguments: [{ Expression: var work }], ContainsDirectives: false }
            || creation.Initializer?.Expressions.Any(static one => one is not AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: "IsBackground" or "Name" } }) == true)
        {
            return null;
        }

        var arrow = SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.EqualsGreaterThanToken, [SyntaxFactory.Space]);
        var parameter = SyntaxFactory.Parameter(SyntaxFactory.Identifier("_"));
        return work switch
        {
            ParenthesizedLambdaExpressionSyntax { ParameterList.Parameters.Count: 0, AsyncKeyword.RawKind: 0 } lambda when !lambda.DescendantTokens().Any(static token => token.ValueText == "_") =>
                (LambdaExpressionSyntax)SyntaxFactory.SimpleLambdaExpression([], lambda.Modifiers, parameter, lambda.ArrowToken.WithLeadingTrivia(SyntaxFactory.Space), null, null).WithBody(lambda.Body),
            IdentifierNameSyntax or MemberAccessExpressionSyntax when model.GetSymbolInfo(work, cancellationToken).Symbol is IMethodSymbol { Parameters.IsEmpty: true, ReturnsVoid: true, IsAsync: false } =>
                SyntaxFactory.SimpleLambdaExpression([], default, parameter, arrow, null, SyntaxFactory.InvocationExpression(work.WithoutTrivia(), SyntaxFactory.ArgumentList())),
            _ => null,
        };
    }
}
