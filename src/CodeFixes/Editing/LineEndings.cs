using Microsoft.CodeAnalysis.Text;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Gives new lines the ending that the file's lines have.</summary>
internal static class LineEndings
{
    public static async Task<Solution> KeepAsync(Solution original, Solution changed, CancellationToken cancellationToken)
    {
        foreach (var project in changed.GetChanges(original).GetProjectChanges())
        {
            foreach (var id in project.GetChangedDocuments(onlyGetDocumentsWithTextChanges: true))
            {
                var before = await original.GetDocument(id)!.GetTextAsync(cancellationToken).ConfigureAwait(false);
                var after = await changed.GetDocument(id)!.GetTextAsync(cancellationToken).ConfigureAwait(false);
                var kept = Keep(before, after);
                if (kept != after)
                    changed = changed.WithDocumentText(id, kept, PreservationMode.PreserveIdentity);
            }
        }

        return changed;
    }

    // A file that mixes its endings is left as the edit made it.
    private static SourceText Keep(SourceText before, SourceText after)
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
