using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>Puts <c>catch (OperationCanceledException) when (token.IsCancellationRequested) { throw; }</c> before the clause.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC309SwallowedCancellationCodeFix)), Shared]
public sealed class CONC309SwallowedCancellationCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.SwallowedCancellation];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindToken(context.Span.Start).Parent is not CatchClauseSyntax { Parent: TryStatementSyntax statement } clause
            || EnclosingFunction.Of(clause) is not { } function
            || model is null)
        {
            return;
        }

        var known = KnownSymbols.Of(model.Compilation);
        if (known.OperationCanceledException is not { } canceled
            || EnclosingFunction.SymbolOf(function, model, cancellationToken) is not { } symbol
            || model.GetOperation(statement, cancellationToken) is not ITryOperation attempt
            || PassedToken.AwaitedWith(attempt.Body, symbol, known) is not { } token)
        {
            return;
        }

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, $"Let the cancellation through '{token.Name}' pass", RuleIds.SwallowedCancellation, _ =>
            {
                var name = SyntaxFacts.GetKeywordKind(token.Name) == SyntaxKind.None ? token.Name : "@" + token.Name;
                var added = Clause((TypeSyntax)SyntaxGenerator.GetGenerator(document).ImportedType(canceled), name)
                    .WithLeadingTrivia(SyntaxFactory.Whitespace(Indentation.Of(clause)))
                    .WithAdditionalAnnotations(Formatter.Annotation);
                var changed = statement.WithCatches(statement.Catches.Insert(statement.Catches.IndexOf(clause), added));
                return Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(statement, changed)));
            }),
            context.Diagnostics);
    }

    private static CatchClauseSyntax Clause(TypeSyntax exception, string token) => SyntaxFactory.CatchClause(
        SyntaxFactory.CatchDeclaration(exception),
        SyntaxFactory.CatchFilterClause(SyntaxFactory.ParseExpression($"{token}.IsCancellationRequested")),
        SyntaxFactory.Block(SyntaxFactory.ThrowStatement()));
}
