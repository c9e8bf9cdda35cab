using Microsoft.CodeAnalysis;

namespace ConcurrencyAnalyzers.Tests.Repository;

/// <summary>The presets of ConcurrencyAnalyzersMode: global configs that the package ships, made from the descriptors.</summary>
public sealed class ModePresetTests
{
    [Fact]
    public void All_makes_every_rule_a_warning_or_leaves_it_an_error() =>
        Verify("all", "every rule is a warning, errors stay errors", rule => rule.DefaultSeverity == DiagnosticSeverity.Error ? "error" : "warning");

    [Fact]
    public void Minimum_takes_away_what_is_no_warning() =>
        Verify("minimum", "warnings and errors alone", rule => rule.DefaultSeverity < DiagnosticSeverity.Warning ? "none" : null);

    [Fact]
    public void None_takes_away_every_rule() => Verify("none", "no rule, until .editorconfig sets its severity", _ => "none");

    private static void Verify(string mode, string meaning, Func<DiagnosticDescriptor, string?> severity)
    {
        var lines = from rule in RuleCatalog.Rules
                    let level = severity(rule.Descriptor)
                    where level is not null
                    select $"dotnet_diagnostic.{rule.Id}.severity = {level}\n";

        // The lowest level of all: any other global config has the last word.
        GeneratedText.VerifyFile($"src/Package/buildTransitive/{mode}.globalconfig", $"""
            # Generated from the rules' descriptors: {meaning}.
            is_global = true
            global_level = -100

            """.ReplaceLineEndings("\n") + string.Concat(lines));
    }
}
