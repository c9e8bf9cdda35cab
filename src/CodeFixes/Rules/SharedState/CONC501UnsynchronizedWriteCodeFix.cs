using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary><c>count++</c> → <c>Interlocked.Increment(ref count)</c>, <c>count += n</c> → <c>Interlocked.Add(ref count, n)</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC501UnsynchronizedWriteCodeFix)), Shared]
public sealed class CONC501UnsynchronizedWriteCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UnsynchronizedWrite];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax place || InterlockedCall.WriteAround(place) is not { } write || write == place)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        // To exchange the value in one step would make no difference to who comes last.
        if (InterlockedCall.For(write, model, SyntaxGenerator.GetGenerator(document), context.CancellationToken) is not { } call || call is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Exchange" } })
            return;

        if (IsWrittenAfterStart(place, model, context.CancellationToken))
            return;

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, "Use Interlocked", RuleIds.UnsynchronizedWrite, _ => Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(write, call)))),
            context.Diagnostics);
    }

    // var task = Task.Run(() => count++); count++; await task; where one side alone is mended, the other still undoes it.
    private static bool IsWrittenAfterStart(ExpressionSyntax place, SemanticModel model, CancellationToken cancellationToken)
    {
        if (place.Ancestors().OfType<AnonymousFunctionExpressionSyntax>().LastOrDefault()?.FirstAncestorOrSelf<StatementSyntax>() is not { Parent: BlockSyntax block } start
            || model.GetSymbolInfo(place, cancellationToken).Symbol is not { } variable
            || variable is not (ILocalSymbol or IParameterSymbol)
            || start.DescendantNodes(static node => node is not AnonymousFunctionExpressionSyntax).Any(static node => node is AwaitExpressionSyntax or IdentifierNameSyntax { Identifier.ValueText: "Parallel" }))
        {
            return false;
        }

        return block.Statements.Where(statement => statement.SpanStart > start.SpanStart)
            .SelectMany(static statement => statement.DescendantNodes(static node => node is not AnonymousFunctionExpressionSyntax))
            .OfType<IdentifierNameSyntax>()
            .Any(name => name.Identifier.ValueText == variable.Name && InterlockedCall.WriteAround(name) is { } write && write != name
                && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol, variable));
    }
}
