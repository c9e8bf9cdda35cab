using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace ConcurrencyAnalyzers.Tests.Repository;

/// <summary>The tables of docs/field-study: each row is whole, the index adds up, and the bars hold.</summary>
public sealed partial class FieldStudyTests
{
    private const string Folder = "docs/field-study";

    public static TheoryData<string> Tables =>
        [.. Directory.GetFiles(RepositoryFiles.Path(Folder), "CONC*.md").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Tables))]
    public void Each_row_is_whole(string id)
    {
        Assert.Contains(id, RuleCatalog.Ids);
        var commits = Commits();
        var rows = RowsOf(id);
        Assert.NotEmpty(rows);
        Assert.Equal(rows.Count, rows.Select(row => row.Repository + row.Place).Distinct().Count());
        foreach (var row in rows)
        {
            Assert.True(commits.TryGetValue(row.Repository, out var commit), row.Repository);
            Assert.Matches(Commit(), row.Commit);
            Assert.StartsWith(row.Commit, commit, StringComparison.Ordinal);
            Assert.Matches(Place(), row.Place);
            Assert.True(row.Verdict is "right" or "debatable" or "wrong", row.Verdict);
            Assert.InRange(row.Reason.Length, 5, 120);
            Assert.True(row.Now is "reported" or "gone", row.Now);
        }
    }

    [Theory, MemberData(nameof(Tables))]
    public void The_index_agrees_with_the_table(string id)
    {
        var rows = RowsOf(id);
        var index = Assert.Single(Cells("README.md"), cells => cells[0] == $"[{id}]({id}.md)");
        var now = rows.Where(row => row.Now == "reported").ToList();
        string[] expected =
        [
            Count(rows.Count),
            Count(rows.Count(row => row.Verdict == "right")), Count(rows.Count(row => row.Verdict == "debatable")), Count(rows.Count(row => row.Verdict == "wrong")), Share(rows),
            Count(now.Count), Count(now.Count(row => row.Verdict == "wrong")), Share(now),
        ];
        Assert.Equal(expected, index[^8..]);
        Assert.Equal(RuleCatalog.Rules.Single(rule => rule.Id == id).Descriptor.DefaultSeverity.ToString(), index[1]);
        Assert.True(int.Parse(index[2], CultureInfo.InvariantCulture) >= rows.Count, "findings");
    }

    [Theory, MemberData(nameof(Tables))]
    public void Few_findings_are_wrong(string id)
    {
        var now = RowsOf(id).Where(row => row.Now == "reported").ToList();
        var bar = RuleCatalog.Rules.Single(rule => rule.Id == id).Descriptor.DefaultSeverity == DiagnosticSeverity.Warning ? 0.05 : 0.15;
        Assert.True(now.Count(row => row.Verdict == "wrong") <= bar * now.Count, $"{Share(now)} wrong");
    }

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Share(List<Row> rows) =>
        rows.Count == 0 ? "–" : (rows.Count(row => row.Verdict == "wrong") * 100.0 / rows.Count).ToString("0", CultureInfo.InvariantCulture) + " %";

    private static Dictionary<string, string> Commits() =>
        Cells("README.md").Where(cells => Commit().IsMatch(cells[1])).ToDictionary(cells => cells[0], cells => cells[1]);

    private static List<Row> RowsOf(string id) =>
        [.. Cells($"{id}.md").Skip(1).Select(cells =>
        {
            Assert.Equal(6, cells.Length);
            return new Row(cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]);
        })];

    // The rows of the page's tables, without the lines under their heads.
    private static IEnumerable<string[]> Cells(string page) =>
        RepositoryFiles.Read($"{Folder}/{page}").Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries));

    [GeneratedRegex("^[0-9a-f]{9,40}$")]
    private static partial Regex Commit();

    [GeneratedRegex(@"^\S+\.cs:[1-9][0-9]*$")]
    private static partial Regex Place();

    private sealed record Row(string Repository, string Commit, string Place, string Verdict, string Reason, string Now);
}
