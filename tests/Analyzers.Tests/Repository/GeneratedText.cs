using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Tests.Repository;

/// <summary>
/// Parts of the documentation that are made from the code, between <c>&lt;!-- generated: name --&gt;</c> and
/// <c>&lt;!-- /generated --&gt;</c>. A test run with <c>UPDATE_DOCS=1</c> writes them; any other fails where they differ.
/// </summary>
internal static class GeneratedText
{
    private const string End = "<!-- /generated -->";

    private static bool IsUpdate => Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1";

    public static void VerifySection(string file, string name, string content)
    {
        var text = RepositoryFiles.Read(file);
        var start = $"<!-- generated: {name} -->";
        var from = text.IndexOf(start, StringComparison.Ordinal);
        Assert.True(from >= 0, $"{file} has no line '{start}'.");
        var to = text.IndexOf(End, from, StringComparison.Ordinal);
        Assert.True(to >= 0, $"'{start}' of {file} has no '{End}'.");

        var expected = text[..from] + start + "\n" + content.TrimEnd('\n') + "\n" + text[to..];
        Verify(file, expected, text);
    }

    public static void VerifyFile(string file, string expected) =>
        Verify(file, expected, File.Exists(RepositoryFiles.Path(file)) ? RepositoryFiles.Read(file) : "");

    private static void Verify(string file, string expected, string actual)
    {
        if (expected == actual)
            return;

        if (IsUpdate)
            File.WriteAllText(RepositoryFiles.Path(file), expected);
        else
            Assert.Fail($"{file} isn't up to date; UPDATE_DOCS=1 dotnet test writes it.\n{TextDiff.Show(expected, actual)}");
    }
}
