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
            RuleCodeAction.Create(document, $"Make it once, in a static field '{name}'", RuleIds.PerCallExecutor, _ => Task.FromResult(hoisted.Hoist(document, root, declaration, created, name))),
            context.Diagnostics);
    }
}
