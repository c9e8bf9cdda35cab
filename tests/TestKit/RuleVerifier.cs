using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

namespace ConcurrencyAnalyzers.TestKit;

#pragma warning disable CA1000 // Static members of a generic type are what the verbs of Microsoft.CodeAnalysis.Testing are.

/// <summary>Verifies a rule and its fix, with the verbs of Microsoft.CodeAnalysis.Testing.</summary>
public static class RuleVerifier<TAnalyzer, TCodeFix>
    where TAnalyzer : DiagnosticAnalyzer, new()
    where TCodeFix : CodeFixProvider, new()
{
    /// <summary>An expectation of the analyzer's only rule.</summary>
    public static DiagnosticResult Diagnostic() => DiagnosticResult.Of(new TAnalyzer().SupportedDiagnostics.Single());

    /// <summary>An expectation of the rule with that id.</summary>
    public static DiagnosticResult Diagnostic(string id) => DiagnosticResult.Of(new TAnalyzer().SupportedDiagnostics.Single(rule => rule.Id == id));

    /// <summary>The rule reports what the markup says, and nothing else.</summary>
    public static Task VerifyAnalyzerAsync(string source, params DiagnosticResult[] expected) =>
        With(new Test { TestCode = source }, expected).RunAsync();

    /// <summary>The rule reports what the markup says, and its first fix turns the one text into the other.</summary>
    public static Task VerifyCodeFixAsync(string source, string fixedSource, params DiagnosticResult[] expected) =>
        With(new Test { TestCode = source, FixedCode = fixedSource }, expected).RunAsync();

    /// <summary>The rule reports what the markup says, and offers no fix.</summary>
    public static Task VerifyNoCodeFixAsync(string source, params DiagnosticResult[] expected) =>
        VerifyCodeFixAsync(source, source, expected);

    private static Test With(Test test, DiagnosticResult[] expected)
    {
        foreach (var result in expected)
            test.ExpectedDiagnostics.Add(result);

        return test;
    }

    /// <summary>A case with more to it than two texts.</summary>
    public sealed class Test() : RuleTest([new TAnalyzer()], new TCodeFix());
}
