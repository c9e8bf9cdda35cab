using Microsoft.CodeAnalysis.Text;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Keeps of a file what the clean-up after an edit doesn't: its line endings, and how it begins.</summary>
internal static class FileStyle
{
    public static async Task<Solution> KeepAsync(Solution original, Solution changed, CancellationToken cancellationToken)
    {
        foreach (var project in changed.GetChanges(original).GetProjectChanges())
        {
            foreach (var id in project.GetChangedDocuments(onlyGetDocumentsWithTextChanges: true))
            {
                var (before, beforeRoot) = await ReadAsync(original.GetDocument(id)!, cancellationToken).ConfigureAwait(false);
                var (after, afterRoot) = await ReadAsync(changed.GetDocument(id)!, cancellationToken).ConfigureAwait(false);
                var kept = KeepLineEndings(before, KeepBeginning(beforeRoot, after, afterRoot));
                if (kept != after)
                    changed = changed.WithDocumentText(id, kept, PreservationMode.PreserveIdentity);
            }
        }

        return changed;
    }

    private static async Task<(SourceText Text, CompilationUnitSyntax Root)> ReadAsync(Document document, CancellationToken cancellationToken) =>
        (await document.GetTextAsync(cancellationToken).ConfigureAwait(false), (CompilationUnitSyntax)(await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false))!);

    // Where a global using makes the file's own unnecessary, adding and removing it leaves a blank line.
    private static SourceText KeepBeginning(CompilationUnitSyntax beforeRoot, SourceText after, CompilationUnitSyntax afterRoot)
    {
        if (beforeRoot.Usings.Count != afterRoot.Usings.Count)
            return after;

        var before = beforeRoot.GetLeadingTrivia().ToFullString();
        var leading = afterRoot.GetLeadingTrivia();
        var isSpaced = leading.ToFullString() is var now && now != before && WithoutLineBreaks(now) == WithoutLineBreaks(before);
        return isSpaced ? after.Replace(leading.FullSpan, before) : after;
    }

    private static string WithoutLineBreaks(string text) => text.Replace("\r", "").Replace("\n", "");

    // A file that mixes its endings is left as the edit made it.
    private static SourceText KeepLineEndings(SourceText before, SourceText after)
    {
        var endings = before.Lines.Select(line => EndingOf(before, line)).Where(ending => ending.Length > 0).Distinct().ToList();
        if (endings is not [var ending])
            return after;

        var changes = after.Lines
            .Where(line => EndingOf(after, line) is { Length: > 0 } own && own != ending)
            .Select(line => new TextChange(TextSpan.FromBounds(line.End, line.EndIncludingLineBreak), ending))
            .ToList();
        return changes.Count == 0 ? after : after.WithChanges(changes);
    }

    private static string EndingOf(SourceText text, TextLine line) =>
        text.ToString(TextSpan.FromBounds(line.End, line.EndIncludingLineBreak));
}
