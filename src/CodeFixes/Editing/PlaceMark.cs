using Microsoft.CodeAnalysis.Text;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Remembers where a diagnostic is, while the code around it is edited.</summary>
internal sealed class PlaceMark
{
    private readonly Diagnostic _diagnostic;
    private readonly SyntaxAnnotation _annotation = new();

    private PlaceMark(Diagnostic diagnostic) => _diagnostic = diagnostic;

    /// <summary>Marks the diagnostics' places; the marks come in the order in which to fix, from the last place to the first.</summary>
    public static (SyntaxNode Root, IReadOnlyList<PlaceMark> Marks) Place(SyntaxNode root, IEnumerable<Diagnostic> diagnostics)
    {
        var nodes = new Dictionary<SyntaxNode, List<SyntaxAnnotation>>();
        var tokens = new Dictionary<SyntaxToken, List<SyntaxAnnotation>>();
        var marks = new List<PlaceMark>();
        foreach (var diagnostic in diagnostics.OrderByDescending(one => one.Location.SourceSpan.Start).ThenBy(one => one.Location.SourceSpan.Length))
        {
            var span = diagnostic.Location.SourceSpan;
            if (!root.FullSpan.Contains(span))
                continue;

            var mark = new PlaceMark(diagnostic);
            marks.Add(mark);
            var token = root.FindToken(span.Start);
            if (token.Span == span)
                Add(tokens, token, mark._annotation);
            else
                Add(nodes, root.FindNode(span, getInnermostNodeForTie: true), mark._annotation);
        }

        var marked = root.ReplaceSyntax(
            nodes.Keys, (node, rewritten) => rewritten.WithAdditionalAnnotations(nodes[node]),
            tokens.Keys, (token, rewritten) => rewritten.WithAdditionalAnnotations(tokens[token]),
            [], (_, trivia) => trivia);
        return (marked, marks);
    }

    /// <summary>The diagnostic at the place where it is now; null where an edit has taken the place away.</summary>
    public Diagnostic? Find(SyntaxNode root)
    {
        TextSpan? span = root.GetAnnotatedNodesAndTokens(_annotation).Select(place => (TextSpan?)place.Span).FirstOrDefault();
        return span is { } now
            ? Diagnostic.Create(_diagnostic.Descriptor, Location.Create(root.SyntaxTree, now), _diagnostic.Properties)
            : null;
    }

    private static void Add<T>(Dictionary<T, List<SyntaxAnnotation>> places, T place, SyntaxAnnotation annotation)
        where T : notnull
    {
        if (!places.TryGetValue(place, out var annotations))
            places.Add(place, annotations = []);

        annotations.Add(annotation);
    }
}
