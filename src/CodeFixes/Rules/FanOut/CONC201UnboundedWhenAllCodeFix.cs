using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary><c>Task.WhenAll(xs.Select(F))</c> → <c>Gather.AllAsync(xs, maxConcurrency: 32, F)</c>, or Parallel.ForEachAsync where no results are used.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC201UnboundedWhenAllCodeFix)), Shared]
public sealed class CONC201UnboundedWhenAllCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.UnboundedWhenAll;
    private const string ParallelKey = Key + ".ParallelForEach";

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UnboundedWhenAll];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not { } reported || model is null
            || FanOutReplacement.Find(reported, model, cancellationToken) is not { } replacement
            || FanOutLimit.Of(replacement.Work.Bound, document.Project.AnalyzerOptions.AnalyzerConfigOptionsProvider.GetOptions(root.SyntaxTree)) is not { } maxConcurrency)
        {
            return;
        }

        var known = KnownSymbols.Of(model.Compilation);
        var generator = SyntaxGenerator.GetGenerator(document);
        var place = replacement.Place;
        var token = TokenScope.TokenFor(place, model, known);
        var source = replacement.Work.Source;

        var key = Key;
        if (known.Gather is { } gather)
        {
            var call = GatherCall.All(generator, gather, source, maxConcurrency, replacement.Work.ForGather(generator, cancellationToken), token);
            await RegisterAsync("Gather.AllAsync", call, replacement.Type).ConfigureAwait(false);
        }

        if (!replacement.UsesResults && known.ParallelOptions is not null && known.Parallel?.GetMembers("ForEachAsync").IsEmpty == false
            && replacement.Work.ForParallel(generator, AwaitInsertion.UsesConfigureAwaitFalse(root), cancellationToken) is { } work)
        {
            await RegisterAsync("Parallel.ForEachAsync", GatherCall.ForEach(generator, known, source, maxConcurrency, work, token), known.Task!).ConfigureAwait(false);
        }

        async Task RegisterAsync(string method, ExpressionSyntax call, ITypeSymbol type)
        {
            var mark = new SyntaxAnnotation();
            var changedRoot = replacement.Apply(root, document, call.WithAdditionalAnnotations(mark));
            if (await EditProof.ApplyAsync(document, model, changedRoot, mark, type, place, cancellationToken).ConfigureAwait(false) is not { } changed)
                return;

            var title = $"Run at most {maxConcurrency} at once with '{method}'; the first failure cancels the rest";
            context.RegisterCodeFix(RuleCodeAction.Create(document, title, key, _ => Task.FromResult(changed)), context.Diagnostics);
            key = ParallelKey;
        }
    }
}
