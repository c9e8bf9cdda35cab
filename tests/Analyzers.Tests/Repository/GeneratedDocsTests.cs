namespace ConcurrencyAnalyzers.Tests.Repository;

public sealed class GeneratedDocsTests
{
    [Fact]
    public void Readme_lists_the_rules() => GeneratedText.VerifySection("README.md", "rules", RuleTable.OfRules("docs/rules/"));

    [Fact]
    public void Readme_lists_the_options() => GeneratedText.VerifySection("README.md", "options", RuleTable.OfOptions());

    [Fact]
    public void The_index_of_the_pages_lists_the_rules() => GeneratedText.VerifySection("docs/rules/README.md", "rules", RuleTable.OfRules(""));

    [Fact]
    public void There_is_no_page_without_a_rule() =>
        Assert.Equal(
            RuleCatalog.Ids.Order(StringComparer.Ordinal),
            Directory.GetFiles(RepositoryFiles.Path("docs/rules"), "CONC*.md").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal));
}
