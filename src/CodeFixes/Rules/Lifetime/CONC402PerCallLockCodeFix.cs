using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.Lifetime;

/// <summary>Makes the lock once, in a <c>private readonly</c> field: a static one where the method is static.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC402PerCallLockCodeFix)), Shared]
public sealed class CONC402PerCallLockCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.PerCallLock];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax creation || FieldIntroduction.TypeAround(creation) is not { } declaration)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (model.GetTypeInfo(creation, context.CancellationToken).Type is not { IsReferenceType: true } created
            || model.GetDeclaredSymbol(declaration, context.CancellationToken) is not { } type
            || MemberAround(creation, model) is not { } member
            || (type.IsValueType && !member.IsStatic)
            || !StaticValue.IsStatic(creation, declaration, FieldIntroduction.PositionIn(declaration), model, context.CancellationToken)
            || HoistedObject.Find(creation, model, context.CancellationToken) is not { } hoisted)
        {
            return;
        }

        var isStatic = member.IsStatic;
        var wish = hoisted.Local is { Name: not "_" } local ? local.Name : created.SpecialType == SpecialType.System_Object ? "lock" : FieldName.WishFor(created);
        var name = FieldName.For(wish, declaration, type, isStatic);
        context.RegisterCodeFix(
            RuleCodeAction.Create(document, $"Make it once, in a{(isStatic ? " static" : "")} field '{name}', so that calls wait for each other", RuleIds.PerCallLock, _ => Task.FromResult(hoisted.Hoist(document, root, declaration, created, name, isStatic))),
            context.Diagnostics);
    }

    private static ISymbol? MemberAround(ExpressionSyntax creation, SemanticModel model)
    {
        var symbol = model.GetEnclosingSymbol(creation.SpanStart);
        while (symbol is { ContainingSymbol: not INamedTypeSymbol })
            symbol = symbol.ContainingSymbol;

        return symbol;
    }
}
