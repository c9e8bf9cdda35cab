using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>Takes <c>[ThreadStatic]</c> off an instance field, where it does nothing.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC509ThreadBoundStateCodeFix)), Shared]
public sealed class CONC509ThreadBoundStateCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.ThreadBoundState];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span) is not VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: FieldDeclarationSyntax field } } || field.Modifiers.Any(SyntaxKind.StaticKeyword))
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        var known = KnownSymbols.Of(model.Compilation);
        var attribute = field.AttributeLists.SelectMany(static list => list.Attributes)
            .FirstOrDefault(one => SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(one, context.CancellationToken).Type, known.ThreadStaticAttribute));
        if (attribute is null)
            return;

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, "Remove [ThreadStatic], which does nothing here", RuleIds.ThreadBoundState, _ => Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(field, Without(field, attribute))))),
            context.Diagnostics);
    }

    private static FieldDeclarationSyntax Without(FieldDeclarationSyntax field, AttributeSyntax attribute)
    {
        var list = (AttributeListSyntax)attribute.Parent!;
        return list.Attributes.Count > 1
            ? field.ReplaceNode(list, WithoutFirstSpace(list.WithAttributes(list.Attributes.Remove(attribute))))
            : field.RemoveNode(list, SyntaxRemoveOptions.KeepNoTrivia)!.WithLeadingTrivia(field.GetLeadingTrivia());

        static AttributeListSyntax WithoutFirstSpace(AttributeListSyntax rest) => rest.WithAttributes(rest.Attributes.Replace(rest.Attributes[0], rest.Attributes[0].WithLeadingTrivia()));
    }
}
