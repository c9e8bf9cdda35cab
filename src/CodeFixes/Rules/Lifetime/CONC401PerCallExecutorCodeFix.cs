using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.Lifetime;

/// <summary>Makes the object once, in a <c>private static readonly</c> field, and takes away what disposed it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC401PerCallExecutorCodeFix)), Shared]
public sealed class CONC401PerCallExecutorCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.PerCallExecutor];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax creation || FieldIntroduction.TypeAround(creation) is not { } declaration)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (model.GetTypeInfo(creation, context.CancellationToken).Type is not { } created
            || model.GetDeclaredSymbol(declaration, context.CancellationToken) is not { } type
            || !StaticValue.IsStatic(creation, declaration, FieldIntroduction.PositionIn(declaration), model, context.CancellationToken)
            || HoistedObject.Find(creation, model, context.CancellationToken) is not { } hoisted)
        {
            return;
        }

        var name = FieldName.For(hoisted.Local is { Name: not "_" } local ? local.Name : FieldName.WishFor(created), declaration, type);
        context.RegisterCodeFix(
            RuleCodeAction.Create(document, $"Make it once, in a static field '{name}'", RuleIds.PerCallExecutor, _ => Task.FromResult(Hoist(document, root, declaration, hoisted, created, name))),
            context.Diagnostics);
    }

    private static SyntaxTrivia? RemarkOn(StatementSyntax? declaration)
    {
        var trailing = declaration is UsingStatementSyntax used ? used.CloseParenToken.TrailingTrivia : declaration?.GetTrailingTrivia() ?? default;
        return trailing.Where(StatementList.IsComment).Select(static trivia => (SyntaxTrivia?)trivia).FirstOrDefault();
    }

    private static Document Hoist(Document document, SyntaxNode root, TypeDeclarationSyntax declaration, HoistedObject hoisted, ITypeSymbol created, string name)
    {
        var type = hoisted.WrittenType ?? (TypeSyntax)SyntaxGenerator.GetGenerator(document).ImportedType(created.WithNullableAnnotation(NullableAnnotation.None));
        var field = FieldIntroduction.Field(name, type, hoisted.Creation.WithoutTrivia());
        var comments = hoisted.Declaration?.GetLeadingTrivia().Where(StatementList.IsComment).ToList() ?? [];
        var remark = RemarkOn(hoisted.Declaration);
        var edited = (TypeDeclarationSyntax)hoisted.Apply(declaration, name);
        return document.WithSyntaxRoot(root.ReplaceNode(
            declaration,
            FieldIntroduction.Add(edited, declaration, field, Indentation.Of(hoisted.Creation), comments, remark)));
    }
}
