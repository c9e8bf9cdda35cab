using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.Time;

/// <summary><c>var source = …</c> → <c>using var source = …</c>, where the work is over when the source's scope is.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC606UndisposedTokenSourceCodeFix)), Shared]
public sealed class CONC606UndisposedTokenSourceCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UndisposedTokenSource];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax creation)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (UsingDeclaration.StatementFor(creation) is not { } statement)
            return;

        if (creation.Parent is EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax declarator } && UsingDeclaration.CanBecome(statement))
        {
            if (model.GetDeclaredSymbol(declarator, context.CancellationToken) is ILocalSymbol local && TokenConsumers.EndWithScope(local, declarator, model, context.CancellationToken))
                Register("Dispose it with 'using'", _ => root.ReplaceNode(statement, UsingDeclaration.From((LocalDeclarationStatementSyntax)statement)));
        }
        else if (creation.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Token" } token
            && UsingDeclaration.CanPrecede(statement, creation)
            && model.GetOperation(token, context.CancellationToken) is { } operation && TokenConsumers.EndsFirst(operation))
        {
            Register("Keep it in a local and dispose it with 'using'", _ =>
            {
                var name = FreshName.In(statement.ScopeOf(), model, "cancellation", "tokenSource");
                return UsingDeclaration.InsertBefore(root, statement, name, creation);
            });
        }

        void Register(string title, Func<CancellationToken, SyntaxNode> edit) => context.RegisterCodeFix(
            RuleCodeAction.Create(document, title, RuleIds.UndisposedTokenSource, cancellationToken => Task.FromResult(document.WithSyntaxRoot(edit(cancellationToken)))),
            context.Diagnostics);
    }
}
