using System.Composition;
using System.Globalization;
using ConcurrencyAnalyzers.Editing;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary><c>new ParallelOptions { MaxDegreeOfParallelism = 32 }</c> for a loop, <c>.WithDegreeOfParallelism(32)</c> for a query.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC205ParallelBlockingCodeFix)), Shared]
public sealed class CONC205ParallelBlockingCodeFix : CodeFixProvider
{
    private const string Limit = "MaxDegreeOfParallelism";

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.ParallelBlocking];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax call || model?.GetSymbolInfo(call, cancellationToken).Symbol is not IMethodSymbol method)
            return;

        var known = KnownSymbols.Of(model.Compilation);
        var options = document.Project.AnalyzerOptions.AnalyzerConfigOptionsProvider.GetOptions(root.SyntaxTree);
        if (model.GetOperation(call, cancellationToken) is not IInvocationOperation operation || FanOutLimit.Of(CONC205ParallelBlockingAnalyzer.BoundOf(operation, known), options)?.ToString(CultureInfo.InvariantCulture) is not { } limit)
            return;

        var changed = method.Name == "AsParallel" ? WithDegree(call, limit) : WithOptions(call, method, limit, known, SyntaxGenerator.GetGenerator(document), model, cancellationToken);
        if (changed is null)
            return;

        var mark = new SyntaxAnnotation();
        var type = method.Name == "AsParallel" ? method.ReturnType : model.GetTypeInfo(call, cancellationToken).Type!;
        if (await EditProof.ApplyAsync(document, model, root.ReplaceNode(call, changed.WithTriviaFrom(call).WithAdditionalAnnotations(mark)), mark, type, call, cancellationToken).ConfigureAwait(false) is { } edited)
            context.RegisterCodeFix(RuleCodeAction.Create(document, $"Run at most {limit} at once", RuleIds.ParallelBlocking, _ => Task.FromResult(edited)), context.Diagnostics);
    }

    private static InvocationExpressionSyntax WithDegree(InvocationExpressionSyntax call, string limit)
    {
        var chain = SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, call.WithoutTrailingTrivia(), SyntaxFactory.IdentifierName("WithDegreeOfParallelism"));
        return SyntaxFactory.InvocationExpression(chain, SyntaxFactory.ArgumentList([SyntaxFactory.Argument(SyntaxFactory.ParseExpression(limit))]));
    }

    private static InvocationExpressionSyntax? WithOptions(InvocationExpressionSyntax call, IMethodSymbol method, string limit, KnownSymbols known, SyntaxGenerator generator, SemanticModel model, CancellationToken cancellationToken)
    {
        var arguments = call.ArgumentList.Arguments;
        if (known.ParallelOptions is not { } options || arguments.Any(static argument => argument.NameColon is not null))
            return null;

        // The options there are lack the limit.
        if (arguments.FirstOrDefault(argument => SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(argument.Expression, cancellationToken).ConvertedType, options)) is { } given)
        {
            return given.Expression is BaseObjectCreationExpressionSyntax creation ? call.ReplaceNode(creation, WithLimit(creation, limit)) : null;
        }

        var created = (ObjectCreationExpressionSyntax)SyntaxFactory.ParseExpression($"new ParallelOptions {{ {Limit} = {limit} }}");
        created = created.WithType(((TypeSyntax)generator.TypeExpression(options)).WithTrailingTrivia(SyntaxFactory.Space));
        var index = method.Name == "For" ? 2 : 1;
        if (arguments.Count <= index)
            return null;

        var added = SyntaxFactory.Argument(created).WithLeadingTrivia(arguments[index].GetLeadingTrivia());
        var separator = SyntaxFactory.Token(default, SyntaxKind.CommaToken, arguments.GetSeparator(index - 1).TrailingTrivia);
        return call.WithArgumentList(call.ArgumentList.WithArguments(SyntaxFactory.SeparatedList(
            arguments.Insert(index, added),
            [.. arguments.GetSeparators().Take(index), separator, .. arguments.GetSeparators().Skip(index)])));
    }

    private static BaseObjectCreationExpressionSyntax WithLimit(BaseObjectCreationExpressionSyntax creation, string limit)
    {
        var example = ((ObjectCreationExpressionSyntax)SyntaxFactory.ParseExpression($"new X() {{ {Limit} = {limit} }}")).Initializer!;
        if (creation.Initializer is not { Expressions.Count: > 0 } initializer)
            return creation.Initializer is null ? creation.WithoutTrailingTrivia().WithInitializer(example.WithLeadingTrivia(SyntaxFactory.Space)) : creation.WithInitializer(example.WithTriviaFrom(creation.Initializer));

        if (initializer.Expressions.OfType<AssignmentExpressionSyntax>().FirstOrDefault(static one => one.Left is IdentifierNameSyntax { Identifier.ValueText: Limit }) is { Right: var unlimited })
            return creation.ReplaceNode(unlimited, SyntaxFactory.ParseExpression(limit).WithTriviaFrom(unlimited));

        var first = initializer.Expressions[0];
        var expressions = SyntaxFactory.SeparatedList(
            initializer.Expressions.Insert(0, example.Expressions[0].WithoutTrivia().WithLeadingTrivia(first.GetLeadingTrivia())),
            [SyntaxFactory.Token(default, SyntaxKind.CommaToken, first.GetLeadingTrivia().Any(SyntaxKind.WhitespaceTrivia) ? [SyntaxFactory.ElasticCarriageReturnLineFeed] : [SyntaxFactory.Space]), .. initializer.Expressions.GetSeparators()]);
        return creation.WithInitializer(initializer.WithExpressions(expressions));
    }
}
