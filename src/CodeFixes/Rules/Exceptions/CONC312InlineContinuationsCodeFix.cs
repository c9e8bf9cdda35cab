using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary><c>new TaskCompletionSource()</c> → <c>new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC312InlineContinuationsCodeFix)), Shared]
public sealed class CONC312InlineContinuationsCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.InlineContinuations;

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.InlineContinuations];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (model is null || root?.FindNode(context.Span, getInnermostNodeForTie: true) is not BaseObjectCreationExpressionSyntax creation)
            return;

        var known = KnownSymbols.Of(model.Compilation);
        if (known.TaskCreationOptions is not { } type || model.GetSymbolInfo(creation, context.CancellationToken).Symbol is null)
            return;

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, "Run continuations asynchronously", Key, cancellationToken =>
            {
                var option = SyntaxGenerator.GetGenerator(document).ImportedMember(type, "RunContinuationsAsynchronously");
                return Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(creation, WithOption(creation, option, model, type, cancellationToken))));
            }),
            context.Diagnostics);
    }

    private static BaseObjectCreationExpressionSyntax WithOption(BaseObjectCreationExpressionSyntax creation, ExpressionSyntax option, SemanticModel model, INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        if (creation.ArgumentList is not { } list)
        {
            var named = ((ObjectCreationExpressionSyntax)creation).Type;
            return ((ObjectCreationExpressionSyntax)creation)
                .WithType(named.WithoutTrailingTrivia())
                .WithArgumentList(SyntaxFactory.ArgumentList([SyntaxFactory.Argument(option)]).WithTrailingTrivia(named.GetTrailingTrivia()));
        }

        // `None` says nothing; other options stay.
        var given = list.Arguments.FirstOrDefault(argument => SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(argument.Expression, cancellationToken).ConvertedType, type));
        if (given is not null)
        {
            var isNone = model.GetConstantValue(given.Expression, cancellationToken) is { HasValue: true, Value: 0 };
            var all = isNone ? option : SyntaxFactory.BinaryExpression(SyntaxKind.BitwiseOrExpression, given.Expression.WithoutTrivia(), option);
            return creation.ReplaceNode(given.Expression, all.WithTriviaFrom(given.Expression));
        }

        // Options of continuations are taken for a state.
        var mistaken = list.Arguments.FirstOrDefault(argument => model.GetTypeInfo(argument.Expression, cancellationToken).Type?.Name == "TaskContinuationOptions");
        if (mistaken is not null)
            return creation.ReplaceNode(mistaken, SyntaxFactory.Argument(option).WithTriviaFrom(mistaken));

        var added = SyntaxFactory.Argument(option);
        if (list.Arguments.Any(static argument => argument.NameColon is not null))
            added = added.WithNameColon(SyntaxFactory.NameColon("creationOptions"));

        var separators = list.Arguments.Count == 0 ? [] : list.Arguments.GetSeparators().Append(SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space]));
        return creation.WithArgumentList(list.WithArguments(SyntaxFactory.SeparatedList(list.Arguments.Append(added), separators)));
    }
}
