using System.Composition;
using System.Globalization;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Options;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary>
/// <c>Channel.CreateUnbounded&lt;T&gt;()</c> → <c>Channel.CreateBounded&lt;T&gt;(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.Wait })</c>,
/// <c>new BlockingCollection&lt;T&gt;()</c> → <c>new BlockingCollection&lt;T&gt;(boundedCapacity: 1024)</c>, and <c>BoundedCapacity</c> for Dataflow blocks.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC203UnboundedQueueCodeFix)), Shared]
public sealed class CONC203UnboundedQueueCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UnboundedQueue];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax creation || model?.GetTypeInfo(creation, cancellationToken).Type is not { } type)
            return;

        var known = KnownSymbols.Of(model.Compilation);
        var generator = SyntaxGenerator.GetGenerator(document);
        var capacity = ConcurrencyOptions.DefaultQueueCapacity.In(document.Project.AnalyzerOptions.AnalyzerConfigOptionsProvider.GetOptions(root.SyntaxTree)).ToString(CultureInfo.InvariantCulture);
        (ExpressionSyntax? changed, var effect, var refusal) = creation switch
        {
            // A bounded channel has no order but that of arrival.
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "CreateUnbounded" } } call => ((ExpressionSyntax?)Channel(call, capacity, known, generator), "writers wait while it is full", "TryWrite"),
            BaseObjectCreationExpressionSyntax { } made when type.Name == "BlockingCollection" => (Collection(made, capacity), "Add waits while it is full", "TryAdd"),
            BaseObjectCreationExpressionSyntax made => (Block(made, type, capacity, known, generator), "SendAsync waits while it is full, and Post returns false", "Post"),
            _ => (null, "", ""),
        };

        // Where nobody looks at what it returns, data would be lost when the queue is full.
        if (changed is null || root.DescendantNodes().OfType<InvocationExpressionSyntax>().Any(call => IsIgnored(call, refusal)))
            return;

        var mark = new SyntaxAnnotation();
        if (await EditProof.ApplyAsync(document, model, root.ReplaceNode(creation, changed.WithTriviaFrom(creation).WithAdditionalAnnotations(mark)), mark, type, creation, cancellationToken).ConfigureAwait(false) is { } edited)
            context.RegisterCodeFix(RuleCodeAction.Create(document, $"Hold at most {capacity}; {effect}", RuleIds.UnboundedQueue, _ => Task.FromResult(edited)), context.Diagnostics);
    }

    private static bool IsIgnored(InvocationExpressionSyntax call, string name)
    {
        SyntaxNode whole = call;
        while (whole.Parent is ConditionalAccessExpressionSyntax or ParenthesizedExpressionSyntax)
            whole = whole.Parent;

        return call.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: var called } && called == name
                && whole.Parent is ExpressionStatementSyntax or AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: "_" } } or LambdaExpressionSyntax or ArrowExpressionClauseSyntax
            || (call.Expression is MemberBindingExpressionSyntax { Name.Identifier.ValueText: var bound } && bound == name && whole.Parent is ExpressionStatementSyntax);
    }

    private static InvocationExpressionSyntax? Channel(InvocationExpressionSyntax call, string capacity, KnownSymbols known, SyntaxGenerator generator)
    {
        if (call.Expression is not MemberAccessExpressionSyntax { Name: GenericNameSyntax name } member || known.Channel?.ContainingNamespace is not { } space
            || space.GetTypeMembers("BoundedChannelOptions").FirstOrDefault() is not { } options || space.GetTypeMembers("BoundedChannelFullMode").FirstOrDefault() is not { } mode)
        {
            return null;
        }

        IEnumerable<ExpressionSyntax> kept = [];
        switch (call.ArgumentList.Arguments)
        {
            case []:
                break;
            case [{ NameColon: null, Expression: BaseObjectCreationExpressionSyntax { Initializer: var initializer, ArgumentList: null or { Arguments.Count: 0 } } }]:
                kept = initializer?.Expressions.Select(static expression => expression.WithoutTrivia()) ?? [];
                break;
            default:
                return null;
        }

        var full = SyntaxFactory.AssignmentExpression(
            SyntaxKind.SimpleAssignmentExpression,
            SyntaxFactory.IdentifierName("FullMode").WithTrailingTrivia(SyntaxFactory.Space),
            SyntaxFactory.Token(default, SyntaxKind.EqualsToken, [SyntaxFactory.Space]),
            (ExpressionSyntax)generator.MemberAccessExpression(generator.ImportedType(mode), "Wait"));
        var created = Options(options, generator, [full, .. kept], SyntaxFactory.ArgumentList([SyntaxFactory.Argument(SyntaxFactory.ParseExpression(capacity))]));
        return call
            .WithExpression(member.WithName(name.WithIdentifier(SyntaxFactory.Identifier("CreateBounded").WithTriviaFrom(name.Identifier))))
            .WithArgumentList(SyntaxFactory.ArgumentList([SyntaxFactory.Argument(created)]));
    }

    private static BaseObjectCreationExpressionSyntax Collection(BaseObjectCreationExpressionSyntax creation, string capacity) =>
        WithArgument(creation, SyntaxFactory.Argument(
            SyntaxFactory.NameColon(SyntaxFactory.IdentifierName("boundedCapacity"), SyntaxFactory.Token(default, SyntaxKind.ColonToken, [SyntaxFactory.Space])), default, SyntaxFactory.ParseExpression(capacity)));

    private static BaseObjectCreationExpressionSyntax? Block(BaseObjectCreationExpressionSyntax creation, ITypeSymbol type, string capacity, KnownSymbols known, SyntaxGenerator generator)
    {
        var setting = SyntaxFactory.ParseExpression($"BoundedCapacity = {capacity}");
        if (creation.ArgumentList?.Arguments.LastOrDefault()?.Expression is BaseObjectCreationExpressionSyntax given)
        {
            return given.Initializer is { Expressions.Count: > 0 } initializer
                ? creation.ReplaceNode(initializer, initializer.WithExpressions(SyntaxFactory.SeparatedList(
                    initializer.Expressions.Insert(0, setting.WithLeadingTrivia(initializer.Expressions[0].GetLeadingTrivia())), [SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space]), .. initializer.Expressions.GetSeparators()])))
                : null;
        }

        var optionsName = type.Name switch
        {
            "BufferBlock" => "DataflowBlockOptions",
            "BatchBlock" or "JoinBlock" => "GroupingDataflowBlockOptions",
            _ => "ExecutionDataflowBlockOptions",
        };
        return known.DataflowBlockOptions?.ContainingNamespace.GetTypeMembers(optionsName).FirstOrDefault() is { } options
            ? WithArgument(creation, SyntaxFactory.Argument(Options(options, generator, [setting], null)))
            : null;
    }

    private static ObjectCreationExpressionSyntax Options(INamedTypeSymbol type, SyntaxGenerator generator, IReadOnlyList<ExpressionSyntax> settings, ArgumentListSyntax? arguments)
    {
        var comma = SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space]);
        var initializer = SyntaxFactory.InitializerExpression(
            SyntaxKind.ObjectInitializerExpression,
            SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.OpenBraceToken, [SyntaxFactory.Space]),
            SyntaxFactory.SeparatedList(settings, Enumerable.Repeat(comma, settings.Count - 1)),
            SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.CloseBraceToken, default));
        return SyntaxFactory.ObjectCreationExpression(
            SyntaxFactory.Token(default, SyntaxKind.NewKeyword, [SyntaxFactory.Space]), (TypeSyntax)generator.ImportedType(type), arguments, initializer);
    }

    private static BaseObjectCreationExpressionSyntax WithArgument(BaseObjectCreationExpressionSyntax creation, ArgumentSyntax argument)
    {
        var arguments = creation.ArgumentList?.Arguments ?? [];
        var list = SyntaxFactory.ArgumentList(SyntaxFactory.SeparatedList(
            arguments.Add(argument),
            [.. arguments.GetSeparators(), .. arguments.Count == 0 ? default(IEnumerable<SyntaxToken>) ?? [] : [SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space])]]));
        return creation is ObjectCreationExpressionSyntax { ArgumentList: null } bare
            ? bare.WithType(bare.Type.WithoutTrailingTrivia()).WithArgumentList(list.WithTrailingTrivia(bare.Type.GetTrailingTrivia()))
            : creation.WithArgumentList(list.WithTriviaFrom(creation.ArgumentList!));
    }
}
