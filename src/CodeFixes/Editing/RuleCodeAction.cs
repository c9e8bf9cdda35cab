namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// A fix of ours. It keeps the file's style where the formatter does not, and lets the fix-all run its edit
/// without the clean-up, which is then done once for all.
/// </summary>
internal sealed class RuleCodeAction(Solution original, string title, string equivalenceKey, Func<CancellationToken, Task<Solution>> edit) : CodeAction
{
    public override string Title => title;

    public override string EquivalenceKey => equivalenceKey;

    /// <summary>A fix that changes one document.</summary>
    public static RuleCodeAction Create(Document document, string title, string equivalenceKey, Func<CancellationToken, Task<Document>> edit) =>
        new(document.Project.Solution, title, equivalenceKey, async cancellationToken => (await edit(cancellationToken).ConfigureAwait(false)).Project.Solution);

    /// <summary>The edit alone: names are still qualified in full, and parentheses are still there.</summary>
    public Task<Solution> EditAsync(CancellationToken cancellationToken) => edit(cancellationToken);

    protected override async Task<Solution?> GetChangedSolutionAsync(CancellationToken cancellationToken)
    {
        var cleanUp = CodeAction.Create(title, edit, equivalenceKey);
        var operations = await cleanUp.GetOperationsAsync(original, NoProgress.Instance, cancellationToken).ConfigureAwait(false);
        var changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution;
        return await FileStyle.KeepAsync(original, changed, cancellationToken).ConfigureAwait(false);
    }

    private sealed class NoProgress : IProgress<CodeAnalysisProgress>
    {
        public static readonly NoProgress Instance = new();

        public void Report(CodeAnalysisProgress value)
        {
        }
    }
}
