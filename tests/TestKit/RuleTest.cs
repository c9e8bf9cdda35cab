using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace ConcurrencyAnalyzers.TestKit;

/// <summary>
/// One case of a rule. <see cref="RunAsync(CancellationToken)"/> compiles the code before and after, compares the rule's diagnostics with
/// the markup, applies the fix one diagnostic at a time until none is left, compares the text with the expected one
/// and with what fix-all makes, and then does it again with nullable reference types disabled and, where the code
/// lends itself to it, as a top-level program.
/// </summary>
public class RuleTest(ImmutableArray<DiagnosticAnalyzer> analyzers, CodeFixProvider codeFix)
{
    private const string FirstFile = "Test0.cs";

    /// <summary>The code with its markup. More files go into <see cref="Sources"/>.</summary>
    public string? TestCode { get; init; }

    /// <summary>
    /// The code after the fix, with markup around what still reports. Null: the fix isn't tried. The same text as
    /// <see cref="TestCode"/>: no fix may be offered.
    /// </summary>
    public string? FixedCode { get; init; }

    /// <summary>The code after fix-all, where that differs from one at a time on purpose.</summary>
    public string? BatchFixedCode { get; init; }

    /// <summary>Further files of the main project, as (file name, text with markup).</summary>
    public IList<(string FileName, string Markup)> Sources { get; } = [];

    /// <summary>The texts of files in <see cref="Sources"/> that the fix changes.</summary>
    public IList<(string FileName, string Markup)> FixedSources { get; } = [];

    public IList<TestProject> AdditionalProjects { get; } = [];

    /// <summary>What the markup can't say: message arguments, severities, by <c>{|#key:…|}</c>.</summary>
    public IList<DiagnosticResult> ExpectedDiagnostics { get; } = [];

    /// <summary>Lines of the <c>[*.cs]</c> section of an .editorconfig.</summary>
    public string? EditorConfig { get; init; }

    public LanguageVersion LanguageVersion { get; init; } = LanguageVersion.Latest;

    /// <summary>A library, or a console program where a file has top-level statements, unless set.</summary>
    public OutputKind? OutputKind { get; init; }

    public ReferenceAssemblies ReferenceAssemblies { get; init; } = ReferenceAssemblies.Net100;

    /// <summary>Whether our runtime is referenced.</summary>
    public bool WithRuntime { get; init; } = true;

    public IList<MetadataReference> AdditionalReferences { get; } = [];

    /// <summary>The usual global usings, as ImplicitUsings gives them.</summary>
    public bool ImplicitUsings { get; init; } = true;

    /// <summary>Whether compile errors that the markup doesn't declare fail the test.</summary>
    public CompilerDiagnostics CompilerDiagnostics { get; init; } = CompilerDiagnostics.Errors;

    /// <summary>Which of the offered fixes to take; the first one unless set.</summary>
    public string? CodeActionEquivalenceKey { get; init; }

    /// <summary>Which of the offered fixes to take, by position. The key wins where both are set.</summary>
    public int CodeActionIndex { get; init; }

    public bool TestNullableDisabled { get; init; } = true;

    public bool TestTopLevelProgram { get; init; } = true;

    internal ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } = analyzers;

    internal ImmutableArray<DiagnosticDescriptor> Rules { get; } = [.. analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics)];

    internal CodeFixProvider CodeFix { get; } = codeFix;

    /// <summary>Whether the case was also run as a top-level program, for the harness's own tests.</summary>
    internal bool RanAsTopLevelProgram { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        var before = Parse(fixedState: false);
        var after = HasFixedState ? Parse(fixedState: true) : null;

        await RunAsync("", before, after, NullableContextOptions.Enable, withFixAll: true, cancellationToken);
        if (TestNullableDisabled)
            await RunAsync("with nullable reference types disabled: ", before, after, NullableContextOptions.Disable, withFixAll: false, cancellationToken);

        if (TestTopLevelProgram && before.Count == 1 && before.Single() is var (key, markup) && TopLevelProgram.TryMake(markup, out var program))
            await RunAsTopLevelProgramAsync(new() { [key] = program }, after is not null && after[key].Text != markup.Text, cancellationToken);
    }

    /// <summary>What the rules report, with no expectation; a crash and an undeclared compile error fail all the same.</summary>
    public async Task<IReadOnlyList<Diagnostic>> AnalyzeAsync(CancellationToken cancellationToken = default)
    {
        var solution = await TestSolution.CreateAsync(this, Parse(fixedState: false), NullableContextOptions.Enable);
        if (CompilerDiagnostics == CompilerDiagnostics.Errors)
            await DiagnosticVerification.VerifyCompilesAsync(solution, "the code", cancellationToken);

        return [.. (await DiagnosticVerification.AnalyzeAsync(this, solution, cancellationToken)).Select(found => found.Diagnostic)];
    }

    /// <summary>The text of <see cref="TestCode"/> after the fix, applied until none is left: to the first finding first, or to the last as fix-all does.</summary>
    public async Task<string> FixAsync(bool fromLast = false, CancellationToken cancellationToken = default)
    {
        var solution = await TestSolution.CreateAsync(this, Parse(fixedState: false), NullableContextOptions.Enable);
        var changed = await FixVerification.FixOneAtATimeAsync(this, solution, "", cancellationToken, fromLast);
        var text = await TestSolution.TestDocuments(changed).First().Document.GetTextAsync(cancellationToken);
        return text.ToString();
    }

    /// <summary>The text of <see cref="TestCode"/> after the fix-all in it.</summary>
    public async Task<string> FixAllAsync(CancellationToken cancellationToken = default)
    {
        var solution = await TestSolution.CreateAsync(this, Parse(fixedState: false), NullableContextOptions.Enable);
        var changed = await FixVerification.FixAllInDocumentAsync(this, solution, cancellationToken);
        var text = await TestSolution.TestDocuments(changed).First().Document.GetTextAsync(cancellationToken);
        return text.ToString();
    }

    /// <summary>Asks for fixes of everything that the rules report, and applies each to the code as it is; none may throw.</summary>
    public async Task TryAllFixesAsync(CancellationToken cancellationToken = default)
    {
        var solution = await TestSolution.CreateAsync(this, Parse(fixedState: false), NullableContextOptions.Enable);
        await FixVerification.TryAllAsync(this, solution, cancellationToken);
    }

    private bool HasFixedState => FixedCode is not null || FixedSources.Count > 0 || AdditionalProjects.Any(project => project.FixedSources.Count > 0);

    private async Task RunAsync(string variant, Dictionary<DocumentKey, MarkupText> before, Dictionary<DocumentKey, MarkupText>? after, NullableContextOptions nullable, bool withFixAll, CancellationToken cancellationToken)
    {
        var solution = await TestSolution.CreateAsync(this, before, nullable);
        await DiagnosticVerification.VerifyAsync(this, solution, before, variant + "before the fix", cancellationToken);
        if (after is null)
            return;

        var changed = await FixVerification.FixOneAtATimeAsync(this, solution, variant, cancellationToken);
        await FixVerification.CompareAsync(changed, after, variant + "one fix at a time", cancellationToken);
        await DiagnosticVerification.VerifyAsync(this, changed, after, variant + "after the fix", cancellationToken);
        if (withFixAll)
            await FixVerification.VerifyFixAllAsync(this, solution, BatchFixedCode is null ? after : WithFirstFile(after, BatchFixedCode), cancellationToken);
    }

    // Its expected text can't be written down, but it must compile, and each fix must take a diagnostic away.
    private async Task RunAsTopLevelProgramAsync(Dictionary<DocumentKey, MarkupText> program, bool isFixed, CancellationToken cancellationToken)
    {
        const string Variant = "as a top-level program: ";
        var solution = await TestSolution.CreateAsync(this, program, NullableContextOptions.Enable);
        if (await DiagnosticVerification.HasUndeclaredErrorsAsync(solution, program, cancellationToken))
            return;

        RanAsTopLevelProgram = true;
        await DiagnosticVerification.VerifyAsync(this, solution, program, Variant + "before the fix", cancellationToken);
        if (!isFixed)
            return;

        var changed = await FixVerification.FixOneAtATimeAsync(this, solution, Variant, cancellationToken);
        await DiagnosticVerification.VerifyCompilesAsync(changed, Variant + "after the fix", cancellationToken);
    }

    private Dictionary<DocumentKey, MarkupText> Parse(bool fixedState)
    {
        var texts = new Dictionary<DocumentKey, string>();
        if (TestCode is not null)
            texts.Add(new(TestSolution.MainProject, FirstFile), (fixedState ? FixedCode : null) ?? TestCode);

        Add(TestSolution.MainProject, Sources, FixedSources);
        foreach (var project in AdditionalProjects)
            Add(project.Name, project.Sources, project.FixedSources);

        return texts.ToDictionary(text => text.Key, text => MarkupText.Parse(text.Value));

        void Add(string project, IList<(string FileName, string Markup)> sources, IList<(string FileName, string Markup)> fixedSources)
        {
            foreach (var (fileName, markup) in sources)
                texts.Add(new(project, fileName), markup);

            if (!fixedState)
                return;

            foreach (var (fileName, markup) in fixedSources)
                texts[new(project, fileName)] = markup;
        }
    }

    private static Dictionary<DocumentKey, MarkupText> WithFirstFile(Dictionary<DocumentKey, MarkupText> texts, string code) =>
        new(texts) { [new(TestSolution.MainProject, FirstFile)] = MarkupText.Parse(code) };
}

/// <summary>Which of the compiler's diagnostics a test looks at.</summary>
public enum CompilerDiagnostics
{
    /// <summary>Errors must be declared in the markup.</summary>
    Errors,

    /// <summary>The code may be broken: what is tested is that rule and fix live with it.</summary>
    None,
}
