namespace ConcurrencyAnalyzers.Editing;

/// <summary>Offers one awaited call that runs the work for each element, so many at a time, in the place of a statement.</summary>
internal sealed class BoundedRun(CodeFixContext context, SyntaxNode root, SemanticModel model, StatementSyntax place, FannedOutWork work)
{
    private readonly KnownSymbols _known = KnownSymbols.Of(model.Compilation);
    private readonly SyntaxGenerator _generator = SyntaxGenerator.GetGenerator(context.Document);
    private readonly bool _configureAwaitFalse = AwaitInsertion.UsesConfigureAwaitFalse(root);
    private readonly string? _token = TokenScope.TokenFor(place, model, KnownSymbols.Of(model.Compilation));
    private readonly int? _limit = FanOutLimit.Of(work.Bound, context.Document.Project.AnalyzerOptions.AnalyzerConfigOptionsProvider.GetOptions(root.SyntaxTree));

    /// <summary>With Gather, where the runtime is referenced, and with Parallel.ForEachAsync; the first that holds gets the rule's key.</summary>
    /// <param name="rule">The rule's id.</param>
    /// <param name="effect">How the title ends: what changes.</param>
    /// <param name="resultsTo">What takes the results, where something does; Parallel.ForEachAsync has none.</param>
    public async Task RegisterAsync(string rule, string effect, Func<ExpressionSyntax, ExpressionSyntax>? resultsTo = null)
    {
        if (_limit is not { } maxConcurrency || !AwaitPlacement.CanAwait(place, model, context.CancellationToken))
            return;

        var key = rule;
        if (_known.Gather is { } gather
            && await TryRegisterAsync("Gather.AllAsync", GatherCall.All(_generator, gather, work.Source, maxConcurrency, work.ForGather(_generator, context.CancellationToken), _token), key, effect, resultsTo).ConfigureAwait(false))
        {
            key = rule + ".ParallelForEach";
        }

        if (resultsTo is null && _known.ParallelOptions is not null && _known.Parallel?.GetMembers("ForEachAsync").IsEmpty == false
            && work.ForParallel(_generator, _configureAwaitFalse, context.CancellationToken) is { } parallelWork)
        {
            await TryRegisterAsync("Parallel.ForEachAsync", GatherCall.ForEach(_generator, _known, work.Source, maxConcurrency, parallelWork, _token), key, effect, null).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryRegisterAsync(string method, ExpressionSyntax call, string key, string effect, Func<ExpressionSyntax, ExpressionSyntax>? resultsTo)
    {
        var mark = new SyntaxAnnotation();
        var function = EnclosingFunction.Of(place)!;
        var awaited = AwaitInsertion.Await(call.WithAdditionalAnnotations(mark), place, _configureAwaitFalse).WithoutTrivia();
        var statement = SyntaxFactory.ExpressionStatement(resultsTo?.Invoke(awaited) ?? awaited, SyntaxFactory.Token(default, SyntaxKind.SemicolonToken, default)).WithTriviaFrom(place);
        var changedFunction = AsyncFunction.Replace(function, new Dictionary<SyntaxNode, SyntaxNode> { [place] = KeptComments.Above(statement, place) }, model, context.CancellationToken);
        if (await EditProof.ApplyAsync(context.Document, model, root.ReplaceNode(function, changedFunction), mark, _known.Task!, place, context.CancellationToken).ConfigureAwait(false) is not { } changed)
            return false;

        context.RegisterCodeFix(RuleCodeAction.Create(context.Document, $"Run at most {_limit} at once with '{method}'{effect}", key, _ => Task.FromResult(changed)), context.Diagnostics);
        return true;
    }
}
