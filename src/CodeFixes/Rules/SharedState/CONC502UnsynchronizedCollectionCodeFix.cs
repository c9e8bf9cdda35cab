using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>
/// Has the concurrent code return what it adds to a list, through Gather; or makes the collection one of
/// System.Collections.Concurrent, where all that is done with it still compiles.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC502UnsynchronizedCollectionCodeFix)), Shared]
public sealed class CONC502UnsynchronizedCollectionCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.UnsynchronizedCollection;
    private const string ConcurrentKey = Key + ".Concurrent";

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UnsynchronizedCollection];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax place)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        var variable = model.GetSymbolInfo(place, context.CancellationToken).Symbol;
        var key = Key;
        if (variable is ILocalSymbol && await GatheredList.TryAsync(document, root, model, place, context.CancellationToken).ConfigureAwait(false) is { } gathered)
        {
            context.RegisterCodeFix(
                RuleCodeAction.Create(document, "Return the results through 'Gather.AllAsync', in the order of the source; the first failure cancels the rest", key, _ => Task.FromResult(gathered)),
                context.Diagnostics);
            key = ConcurrentKey;
        }

        if (variable is not (ILocalSymbol or IFieldSymbol { DeclaredAccessibility: Accessibility.Private })
            || variable.DeclaringSyntaxReferences is not [var reference]
            || reference.SyntaxTree != root.SyntaxTree
            || await reference.GetSyntaxAsync(context.CancellationToken).ConfigureAwait(false) is not VariableDeclaratorSyntax { Initializer.Value: BaseObjectCreationExpressionSyntax creation, Parent: VariableDeclarationSyntax { Variables.Count: 1 } declaration }
            || model.GetTypeInfo(creation, context.CancellationToken).Type is not INamedTypeSymbol made
            || Concurrent(made, KnownSymbols.Of(model.Compilation)) is not { } type)
        {
            return;
        }

        var changed = Change(document, root, declaration, creation, variable, type, model, context.CancellationToken);
        if (!await EditProof.CompilesAsWellAsync(document, changed, context.CancellationToken).ConfigureAwait(false))
            return;

        var remark = type.Name switch
        {
            "ConcurrentBag" => ", which keeps no order",
            "ConcurrentDictionary" => ", where adding a key twice doesn't throw",
            _ => "",
        };
        context.RegisterCodeFix(
            RuleCodeAction.Create(document, $"Make it a {type.Name}{remark}", key, _ => Task.FromResult(changed)),
            context.Diagnostics);
    }

    private static INamedTypeSymbol? Concurrent(INamedTypeSymbol type, KnownSymbols known) => (type.Name, type.TypeArguments) switch
    {
        ("List", [var element]) => known.ConcurrentBag?.Construct(element),
        ("Queue", [var element]) => known.ConcurrentQueue?.Construct(element),
        ("Stack", [var element]) => known.ConcurrentStack?.Construct(element),
        ("Dictionary", [var key, var value]) => known.ConcurrentDictionary?.Construct(key, value),
        _ => null,
    };

    private static Document Change(Document document, SyntaxNode root, VariableDeclarationSyntax declaration, BaseObjectCreationExpressionSyntax creation, ISymbol variable, INamedTypeSymbol type, SemanticModel model, CancellationToken cancellationToken)
    {
        var typeName = (TypeSyntax)SyntaxGenerator.GetGenerator(document).ImportedType(type);
        var replacements = new Dictionary<SyntaxNode, SyntaxNode>();
        if (!declaration.Type.IsVar)
            replacements.Add(declaration.Type, typeName.WithTriviaFrom(declaration.Type));

        // A capacity means nothing to the concurrent types, or something else.
        var arguments = creation.ArgumentList?.Arguments.Count > 0 && model.GetTypeInfo(creation.ArgumentList.Arguments[0].Expression, cancellationToken).Type?.SpecialType == SpecialType.System_Int32
            ? SyntaxFactory.ArgumentList()
            : creation.ArgumentList;
        if (creation is ObjectCreationExpressionSyntax explicitCreation)
            replacements.Add(creation, explicitCreation.WithType(typeName.WithTriviaFrom(explicitCreation.Type)).WithArgumentList(arguments));
        else
            replacements.Add(creation, creation.WithArgumentList(arguments!));

        // The dictionary has no Add of its own.
        if (type.Name == "ConcurrentDictionary")
        {
            foreach (var name in root.DescendantNodes().OfType<IdentifierNameSyntax>())
            {
                if (name.Identifier.ValueText == variable.Name
                    && (name.Parent is MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } member ? member : (ExpressionSyntax)name) is { Parent: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Add", Parent: InvocationExpressionSyntax } access } receiver
                    && access.Expression == receiver
                    && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol, variable))
                {
                    replacements.Add(access.Name, SyntaxFactory.IdentifierName("TryAdd").WithTriviaFrom(access.Name));
                }
            }
        }

        return document.WithSyntaxRoot(root.ReplaceNodes(replacements.Keys, (original, _) => replacements[original]));
    }
}
