using System.Text;
using Microsoft.CodeAnalysis.Text;

namespace ConcurrencyAnalyzers.TestKit;

/// <summary>A span that the markup names: by diagnostic id, by number, or by neither (the rule under test).</summary>
public sealed record MarkupSpan(TextSpan Span, string? DiagnosticId = null, int? LocationKey = null);

/// <summary>
/// Source text with the markup taken out of it: <c>[|…|]</c>, <c>{|CONC201:…|}</c>, <c>{|#0:…|}</c> and <c>$$</c>,
/// as in Microsoft.CodeAnalysis.Testing. Spans may nest.
/// </summary>
public sealed record MarkupText(string Text, IReadOnlyList<MarkupSpan> Spans, int? Position)
{
    public static MarkupText Parse(string markup)
    {
        var text = new StringBuilder(markup.Length);
        var open = new Stack<(int Start, string? Name)>();
        var spans = new List<MarkupSpan>();
        int? position = null;

        for (var i = 0; i < markup.Length; i++)
        {
            var rest = markup.AsSpan(i);
            if (rest.StartsWith("[|"))
            {
                open.Push((text.Length, null));
                i++;
            }
            else if (rest.StartsWith("{|") && rest.IndexOf(':') is > 2 and var colon && IsName(rest[2..colon]))
            {
                open.Push((text.Length, rest[2..colon].ToString()));
                i += colon;
            }
            else if (rest.StartsWith("|]") && open.TryPeek(out var anonymous) && anonymous.Name is null)
            {
                open.Pop();
                spans.Add(new MarkupSpan(TextSpan.FromBounds(anonymous.Start, text.Length)));
                i++;
            }
            else if (rest.StartsWith("|}") && open.TryPeek(out var named) && named.Name is not null)
            {
                open.Pop();
                spans.Add(Named(named.Name, TextSpan.FromBounds(named.Start, text.Length)));
                i++;
            }
            else if (rest.StartsWith("$$") && !rest.StartsWith("$$\"") && !rest.StartsWith("$$$"))
            {
                position = position is null
                    ? text.Length
                    : throw new RuleVerificationException("The markup has more than one $$.");
                i++;
            }
            else
            {
                text.Append(markup[i]);
            }
        }

        if (open.Count > 0)
            throw new RuleVerificationException($"The markup opens a span at position {open.Peek().Start} and never closes it.");

        return new MarkupText(text.ToString(), [.. spans.OrderBy(s => s.Span.Start).ThenByDescending(s => s.Span.Length)], position);
    }

    private static bool IsName(ReadOnlySpan<char> name) =>
        name is ['#', .. var digits] ? digits.ContainsAnyInRange('0', '9') && !digits.ContainsAnyExceptInRange('0', '9') : IsIdentifier(name);

    private static bool IsIdentifier(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c))
                return false;
        }

        return true;
    }

    private static MarkupSpan Named(string name, TextSpan span) => name[0] == '#'
        ? new MarkupSpan(span, LocationKey: int.Parse(name.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture))
        : new MarkupSpan(span, DiagnosticId: name);
}
