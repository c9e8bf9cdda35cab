using ConcurrencyAnalyzers.Package.Tests.Infrastructure;

namespace ConcurrencyAnalyzers.Package.Tests;

public sealed class ConsumerTests(FixedConsumers consumers) : IClassFixture<FixedConsumers>
{
    public static TheoryData<string> All => [.. FixedConsumers.Projects];

    public static TheoryData<string> Programs => [.. FixedConsumers.Projects.Where(FixedConsumers.HasOutput)];

    public static TheoryData<string> StyledFiles => [.. Directory.GetFiles(FixedConsumers.Source("Styles"), "*.cs").Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(All))]
    public void Build_reports_each_mistake_at_its_line(string project)
    {
        var expected = ExpectedFindings.In(FixedConsumers.Sources(project), afterFixing: false);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, ExpectedFindings.Of(consumers.Before[project]));
    }

    [Fact]
    public void Every_rule_has_an_instance() => Assert.Equal(RuleIds.All, consumers.Before["Console"].Select(finding => finding.Rule).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(All))]
    public void Build_prints_each_warning(string project)
    {
        foreach (var warning in consumers.Before[project].Where(finding => finding.Level == "warning"))
            Assert.Contains($"{Path.GetFileName(warning.File)}({warning.Line},{warning.Column}): warning {warning.Rule}: {warning.Message}", consumers.BuildOutput, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void One_format_leaves_nothing_that_has_a_fix(string project) =>
        Assert.Equal(ExpectedFindings.In(Directory.EnumerateFiles(consumers.Copy(project), "*.cs"), afterFixing: true), ExpectedFindings.Of(consumers.After[project]));

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Fixed_program_prints_what_it_did_before(string project)
    {
        var expected = File.ReadAllText(Path.Combine(FixedConsumers.Source(project), "expected-output.txt")).ReplaceLineEndings("\n");
        Assert.Equal(expected, consumers.OutputBefore(project));
        Assert.Equal(expected, await consumers.RunAsync(project));
    }

    [Fact]
    public async Task Fixed_tests_pass()
    {
        var output = await consumers.RunAsync("Tests");
        Assert.Matches("Total: 2, Errors: 0, Failed: 0", output);
    }

    [Theory]
    [MemberData(nameof(StyledFiles))]
    public void Fixes_keep_the_style_of_a_file(string name)
    {
        var before = TextStyle.Of(File.ReadAllText(Path.Combine(FixedConsumers.Source("Styles"), name)));
        var text = File.ReadAllText(Path.Combine(consumers.Copy("Styles"), name));
        Assert.DoesNotContain("Thread.Sleep", text, StringComparison.Ordinal);
        Assert.Contains("// All of them at once.", text, StringComparison.Ordinal);
        Assert.Equal(before with { HasCrLf = name.EndsWith(".crlf.cs", StringComparison.Ordinal) }, TextStyle.Of(text));
    }

    [Fact]
    public void Without_the_runtime_fixes_write_plain_code()
    {
        foreach (var project in new[] { "BclOnly", "Library" })
        {
            foreach (var file in Directory.EnumerateFiles(consumers.Copy(project), "*.cs"))
                Assert.DoesNotContain("ConcurrencyAnalyzers.Runtime", File.ReadAllText(file), StringComparison.Ordinal);
        }
    }

    private sealed record TextStyle(bool HasCrLf, bool HasBareLf, bool HasTabs, bool HasSpaces, bool HasBlockNamespace)
    {
        public static TextStyle Of(string text)
        {
            var hasCrLf = text.Contains("\r\n", StringComparison.Ordinal);
            return new(
                hasCrLf,
                HasBareLf: hasCrLf && text.Replace("\r\n", "", StringComparison.Ordinal).Contains('\n', StringComparison.Ordinal),
                HasTabs: text.Contains("\n\t", StringComparison.Ordinal),
                HasSpaces: text.Contains("\n    ", StringComparison.Ordinal),
                HasBlockNamespace: !text.Contains("namespace Consumer.Styles;", StringComparison.Ordinal));
        }
    }
}
