using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>
/// Takes <c>[ThreadStatic]</c> off an instance field, where it does nothing; makes a field with an initializer a
/// ThreadLocal, whose factory runs for each thread; and one that is used across awaits an AsyncLocal.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC509ThreadBoundStateCodeFix)), Shared]
public sealed class CONC509ThreadBoundStateCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.ThreadBoundState];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not { } node)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (node is not VariableDeclaratorSyntax declarator)
        {
            if (HeldValue.Of(FieldOf(node, model, context.CancellationToken), root, model, context.CancellationToken) is { } used)
                Register("Make it an AsyncLocal, which stays with the code across awaits", () => used.ToAsyncLocal(document));
        }
        else if (declarator.Parent is VariableDeclarationSyntax { Variables.Count: 1, Parent: FieldDeclarationSyntax field } && AttributeOf(field, model, context.CancellationToken) is { } attribute)
        {
            if (!field.Modifiers.Any(SyntaxKind.StaticKeyword))
                Register("Remove [ThreadStatic], which does nothing here", () => root.ReplaceNode(field, Without(field, attribute)));
            else if (HeldValue.Of(model.GetDeclaredSymbol(declarator, context.CancellationToken) as IFieldSymbol, root, model, context.CancellationToken) is { } initialised)
                Register("Make it a ThreadLocal, whose factory runs for each thread", () => initialised.ToThreadLocal(document));
        }

        void Register(string title, Func<SyntaxNode> edit) => context.RegisterCodeFix(
            RuleCodeAction.Create(document, title, RuleIds.ThreadBoundState, _ => Task.FromResult(document.WithSyntaxRoot(edit()))),
            context.Diagnostics);
    }

    private static IFieldSymbol? FieldOf(SyntaxNode use, SemanticModel model, CancellationToken cancellationToken) =>
        model.GetSymbolInfo(use, cancellationToken).Symbol as IFieldSymbol;

    private static AttributeSyntax? AttributeOf(FieldDeclarationSyntax field, SemanticModel model, CancellationToken cancellationToken) =>
        field.AttributeLists.SelectMany(static list => list.Attributes)
            .FirstOrDefault(one => SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(one, cancellationToken).Type, KnownSymbols.Of(model.Compilation).ThreadStaticAttribute));

    private static FieldDeclarationSyntax Without(FieldDeclarationSyntax field, AttributeSyntax attribute)
    {
        var list = (AttributeListSyntax)attribute.Parent!;
        return list.Attributes.Count > 1
            ? field.ReplaceNode(list, WithoutFirstSpace(list.WithAttributes(list.Attributes.Remove(attribute))))
            : field.RemoveNode(list, SyntaxRemoveOptions.KeepNoTrivia)!.WithLeadingTrivia(field.GetLeadingTrivia());

        static AttributeListSyntax WithoutFirstSpace(AttributeListSyntax rest) => rest.WithAttributes(rest.Attributes.Replace(rest.Attributes[0], rest.Attributes[0].WithLeadingTrivia()));
    }

    /// <summary>A thread-static field whose value is to be held by an object, and every place that uses it.</summary>
    private sealed class HeldValue(SyntaxNode root, FieldDeclarationSyntax declaration, AttributeSyntax attribute, IFieldSymbol field, SemanticModel model, List<ExpressionSyntax> uses)
    {
        private readonly KnownSymbols _known = KnownSymbols.Of(model.Compilation);

        private VariableDeclaratorSyntax Declarator => declaration.Declaration.Variables[0];

        /// <summary>Null where others use the field, or use it as a variable: by reference, or to change a part of a struct.</summary>
        public static HeldValue? Of(IFieldSymbol? field, SyntaxNode root, SemanticModel model, CancellationToken cancellationToken)
        {
            if (field is not { IsStatic: true, DeclaringSyntaxReferences: [var reference], ContainingType.DeclaringSyntaxReferences.Length: 1 }
                || reference.GetSyntax(cancellationToken) is not VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: FieldDeclarationSyntax declaration } } declarator
                || declarator.SyntaxTree != root.SyntaxTree
                || AttributeOf(declaration, model, cancellationToken) is not { } attribute
                || VariableMentions.Of(field, model, cancellationToken) is not { } mentions)
            {
                return null;
            }

            var uses = new List<ExpressionSyntax>();
            foreach (var mention in mentions)
            {
                if (mention is not IFieldReferenceOperation)
                    continue;

                if (mention.Syntax is not ExpressionSyntax use || mention.Parent is INameOfOperation or IArgumentOperation { Parameter.RefKind: not RefKind.None } or IAddressOfOperation or IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol.IsRef: true } }
                    || use.Parent is RefExpressionSyntax
                    || (field.Type is { IsValueType: true, SpecialType: SpecialType.None, TypeKind: not TypeKind.Enum } && mention.Parent is IMemberReferenceOperation or IInvocationOperation))
                {
                    return null;
                }

                uses.Add(use);
            }

            return new(root, declaration, attribute, field, model, uses);
        }

        public SyntaxNode ToAsyncLocal(Document document) => Edit(document, _known.AsyncLocal!, null);

        public SyntaxNode ToThreadLocal(Document document) => Edit(document, _known.ThreadLocal!, Declarator.Initializer!.Value);

        private SyntaxNode Edit(Document document, INamedTypeSymbol holder, ExpressionSyntax? value)
        {
            var generator = SyntaxGenerator.GetGenerator(document);
            var written = declaration.Declaration.Type;
            var holderType = (TypeSyntax)generator.ImportedType(holder.Construct(field.Type));
            if (holderType.DescendantNodesAndSelf().OfType<TypeArgumentListSyntax>().FirstOrDefault() is { Arguments: [var argument] })
                holderType = holderType.ReplaceNode(argument, written.WithoutTrivia());

            ArgumentSyntax[] factory = value is null ? [] : [SyntaxFactory.Argument(SyntaxFactory.ParenthesizedLambdaExpression(SyntaxFactory.ParameterList(), null, Explicit(value, written)).WithArrowToken(SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.EqualsGreaterThanToken, [SyntaxFactory.Space])))];
            var creation = SyntaxFactory.ObjectCreationExpression(SyntaxFactory.Token(default, SyntaxKind.NewKeyword, [SyntaxFactory.Space]), holderType, SyntaxFactory.ArgumentList([.. factory]), null);
            var declarator = Declarator.WithIdentifier(Declarator.Identifier.WithTrailingTrivia(SyntaxFactory.Space))
                .WithInitializer(SyntaxFactory.EqualsValueClause(SyntaxFactory.Token(default, SyntaxKind.EqualsToken, [SyntaxFactory.Space]), creation));

            var edited = root.ReplaceNodes(
                uses.Concat<SyntaxNode>([declaration]),
                (original, _) => original == declaration
                    ? ReadOnly(Without(declaration, attribute)).WithDeclaration(declaration.Declaration.WithType(holderType.WithTriviaFrom(written)).WithVariables([declarator]))
                    : Value((ExpressionSyntax)original).WithTriviaFrom(original));
            return edited;
        }

        // To the compiler the Value that is read may be null, whatever the type says.
        private ExpressionSyntax Value(ExpressionSyntax use)
        {
            var value = SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, use.WithoutTrivia(), SyntaxFactory.IdentifierName("Value"));
            return field.Type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.NotAnnotated }
                && model.GetNullableContext(use.SpanStart).WarningsEnabled()
                && !(use.Parent is AssignmentExpressionSyntax assignment && assignment.Left == use)
                ? SyntaxFactory.PostfixUnaryExpression(SyntaxKind.SuppressNullableWarningExpression, value)
                : value;
        }

        // What a field's type gave to `new()` and `[]`, a factory doesn't.
        private static ExpressionSyntax Explicit(ExpressionSyntax value, TypeSyntax type) => value is ImplicitObjectCreationExpressionSyntax creation
            ? SyntaxFactory.ObjectCreationExpression(SyntaxFactory.Token(default, SyntaxKind.NewKeyword, [SyntaxFactory.Space]), type is NullableTypeSyntax nullable ? nullable.ElementType.WithoutTrivia() : type.WithoutTrivia(), creation.ArgumentList, creation.Initializer)
            : value.WithoutTrivia();

        private static FieldDeclarationSyntax ReadOnly(FieldDeclarationSyntax field) => field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword)
            ? field
            : field.AddModifiers(SyntaxFactory.Token(default, SyntaxKind.ReadOnlyKeyword, [SyntaxFactory.Space]));
    }
}
