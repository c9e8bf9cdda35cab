using System.Reflection;
using System.Text.RegularExpressions;

namespace ConcurrencyAnalyzers.Runtime.Tests.Repository;

/// <summary>The tests that docs/runtime/semantics.md and docs/runtime/conformance.md name are there.</summary>
public sealed partial class SemanticsTableTests
{
    public static TheoryData<string> Pages =>
        [.. Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "docs", "runtime"), "*.md")
            .Select(static file => Path.GetFileName(file))
            .Where(static name => name is "semantics.md" or "conformance.md")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_named_test_exists(string page)
    {
        var tests = typeof(SemanticsTableTests).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Where(static method => method.GetCustomAttributes<FactAttribute>().Any())
            .Select(static method => $"{method.ReflectedType!.Name}.{method.Name}")
            .ToHashSet();
        var named = TestCell().Matches(RepositoryFiles.Read($"docs/runtime/{page}")).Select(static match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(named);
        Assert.Empty(named.Except(tests));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_row_names_a_test_or_a_reason(string page)
    {
        var rows = RepositoryFiles.Read($"docs/runtime/{page}").Split('\n')
            .Where(static line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal))
            .Select(static line => line.Trim('|').Split(" | "))
            .Where(static cells => cells[^1].Trim() is not ("Test" or "Test, or why not"));

        Assert.All(rows, static cells => Assert.Matches(RowEnd(), cells[^1]));
    }

    [GeneratedRegex(@"`(\w+Tests\.\w+)`")]
    private static partial Regex TestCell();

    [GeneratedRegex(@"`\w+Tests\.\w+`|^ ?Not carried over: \w+")]
    private static partial Regex RowEnd();
}
