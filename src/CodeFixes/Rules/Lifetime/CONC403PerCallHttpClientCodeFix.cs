using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.Lifetime;

/// <summary>Makes the client once, in a static field, with connections that are renewed now and then so that changes of DNS are seen.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC403PerCallHttpClientCodeFix)), Shared]
public sealed class CONC403PerCallHttpClientCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.PerCallHttpClient];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not BaseObjectCreationExpressionSyntax creation || FieldIntroduction.TypeAround(creation) is not { } declaration)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (model.GetTypeInfo(creation, context.CancellationToken).Type is not { } created
            || model.GetDeclaredSymbol(declaration, context.CancellationToken) is not { } type
            || !StaticValue.IsStatic(creation, declaration, FieldIntroduction.PositionIn(declaration), model, context.CancellationToken)
            || HoistedObject.Find(creation, model, context.CancellationToken) is not { } hoisted
            || (hoisted.Local is { } kept && !OnlySends(kept, creation, model, context.CancellationToken)))
        {
            return;
        }

        var known = KnownSymbols.Of(model.Compilation);
        var value = creation.ArgumentList is null or { Arguments.Count: 0 } && known is { SocketsHttpHandler: { } handler, TimeSpan: { } timeSpan }
            ? WithHandler(creation, Handler(handler, timeSpan, SyntaxGenerator.GetGenerator(document)))
            : creation.WithoutTrivia();
        var name = FieldName.For(hoisted.Local is { Name: not "_" } local ? local.Name : FieldName.WishFor(created), declaration, type);
        context.RegisterCodeFix(
            RuleCodeAction.Create(document, $"Make it once, in a static field '{name}'", RuleIds.PerCallHttpClient, _ => Task.FromResult(hoisted.Hoist(document, root, declaration, created, name, value: value))),
            context.Diagnostics);
    }

    // new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) }
    private static ObjectCreationExpressionSyntax Handler(INamedTypeSymbol handler, INamedTypeSymbol timeSpan, SyntaxGenerator generator)
    {
        var minutes = SyntaxFactory.InvocationExpression(generator.ImportedMember(timeSpan, "FromMinutes"), SyntaxFactory.ArgumentList([SyntaxFactory.Argument(SyntaxFactory.LiteralExpression(SyntaxKind.NumericLiteralExpression, SyntaxFactory.Literal(2)))]));
        var lifetime = SyntaxFactory.AssignmentExpression(SyntaxKind.SimpleAssignmentExpression, SyntaxFactory.IdentifierName("PooledConnectionLifetime"), SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.EqualsToken, [SyntaxFactory.Space]), minutes);
        return SyntaxFactory.ObjectCreationExpression(
            SyntaxFactory.Token(default, SyntaxKind.NewKeyword, [SyntaxFactory.Space]),
            ((TypeSyntax)generator.ImportedType(handler)).WithTrailingTrivia(SyntaxFactory.Space),
            null,
            SyntaxFactory.InitializerExpression(SyntaxKind.ObjectInitializerExpression, SyntaxFactory.Token(default, SyntaxKind.OpenBraceToken, [SyntaxFactory.Space]), [lifetime], SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.CloseBraceToken, default)));
    }

    private static ExpressionSyntax WithHandler(BaseObjectCreationExpressionSyntax creation, ExpressionSyntax handler)
    {
        var arguments = SyntaxFactory.ArgumentList([SyntaxFactory.Argument(handler)]);
        switch (creation)
        {
            case ObjectCreationExpressionSyntax { ArgumentList: null } named:
                arguments = arguments.WithCloseParenToken(arguments.CloseParenToken.WithTrailingTrivia(named.Type.GetTrailingTrivia()));
                return named.WithType(named.Type.WithTrailingTrivia()).WithArgumentList(arguments).WithoutTrivia();
            default:
                return creation.WithArgumentList(arguments.WithTriviaFrom(creation.ArgumentList!)).WithoutTrivia();
        }
    }

    // Whatever is set on a client is set for everybody who shares it.
    private static bool OnlySends(ILocalSymbol local, ExpressionSyntax creation, SemanticModel model, CancellationToken cancellationToken) =>
        model.GetOperation(creation, cancellationToken) is { } operation
        && VariableMentions.Of(local, operation).All(static mention => mention is not ILocalReferenceOperation || mention.Parent switch
        {
            IInvocationOperation call => call.TargetMethod.Name is not "CancelPendingRequests",
            IUsingOperation => true,
            IArgumentOperation { Parameter.Ordinal: 0, Parent: IInvocationOperation { TargetMethod: { IsExtensionMethod: true, ContainingNamespace: { } space } } } => space.ToDisplayString().StartsWith("System.Net.Http", StringComparison.Ordinal),
            IConversionOperation { Parent: IInvocationOperation { TargetMethod.Name: "Dispose" } } => true,
            _ => false,
        });
}
