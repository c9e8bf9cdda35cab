namespace ConcurrencyAnalyzers.Findings;

/// <summary>What changed between two versions of a source tree, as diff -u shows it. Machines needn't have diff.</summary>
internal static class UnifiedDiff
{
    private const int Context = 2;

    public static void Write(TextWriter output, string before, string after)
    {
        foreach (var file in Sources(before).Union(Sources(after), StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var edits = Edits(Lines(Path.Combine(before, file)), Lines(Path.Combine(after, file)));
            if (edits.All(edit => edit.Mark == ' '))
                continue;

            output.WriteLine($"--- {file}");
            WriteHunks(output, edits);
        }
    }

    private static void WriteHunks(TextWriter output, List<(char Mark, int Line, string Text)> edits)
    {
        var shown = edits.Select((_, i) => edits.Skip(Math.Max(0, i - Context)).Take((2 * Context) + 1).Any(near => near.Mark != ' ')).ToArray();
        for (var i = 0; i < edits.Count; i++)
        {
            if (!shown[i])
                continue;

            if (i == 0 || !shown[i - 1])
                output.WriteLine($"@@ line {edits[i].Line} @@");
            output.WriteLine($"{edits[i].Mark}{edits[i].Text}");
        }
    }

    /// <summary>A shortest edit script, by the longest common subsequence of lines.</summary>
    private static List<(char Mark, int Line, string Text)> Edits(string[] before, string[] after)
    {
        var common = new int[before.Length + 1, after.Length + 1];
        for (var i = before.Length - 1; i >= 0; i--)
        {
            for (var j = after.Length - 1; j >= 0; j--)
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var edits = new List<(char, int, string)>();
        for (int i = 0, j = 0; i < before.Length || j < after.Length;)
        {
            if (i < before.Length && j < after.Length && before[i] == after[j])
                edits.Add((' ', ++i, after[j++]));
            else if (i < before.Length && (j == after.Length || common[i + 1, j] >= common[i, j + 1]))
                edits.Add(('-', i + 1, before[i++]));
            else
                edits.Add(('+', i + 1, after[j++]));
        }

        return edits;
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
            .Where(file => !file.StartsWith("bin/", StringComparison.Ordinal) && !file.StartsWith("obj/", StringComparison.Ordinal));

    private static string[] Lines(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];
}
