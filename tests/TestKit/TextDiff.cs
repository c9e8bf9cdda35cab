using System.Text;

namespace ConcurrencyAnalyzers.TestKit;

/// <summary>Shows two texts line by line, with what differs marked <c>-</c> (expected) and <c>+</c> (actual).</summary>
public static class TextDiff
{
    public static string Show(string expected, string actual)
    {
        var left = expected.Split('\n');
        var right = actual.Split('\n');
        var common = new int[left.Length + 1, right.Length + 1];
        for (var i = left.Length - 1; i >= 0; i--)
        {
            for (var j = right.Length - 1; j >= 0; j--)
                common[i, j] = left[i] == right[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var diff = new StringBuilder();
        for (int i = 0, j = 0; i < left.Length || j < right.Length;)
        {
            if (i < left.Length && j < right.Length && left[i] == right[j])
            {
                Line(diff, "  ", left[i]);
                i++;
                j++;
            }
            else if (j == right.Length || (i < left.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                Line(diff, "- ", left[i++]);
            }
            else
            {
                Line(diff, "+ ", right[j++]);
            }
        }

        return diff.ToString();
    }

    // Carriage returns are shown, so that a difference in line endings is seen.
    private static void Line(StringBuilder diff, string mark, string line) =>
        diff.Append(mark).Append(line.Replace("\r", "\\r", StringComparison.Ordinal)).Append('\n');
}
