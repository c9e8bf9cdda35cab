using System.ComponentModel;
using BenchmarkDotNet.Attributes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>The same code under the compiler alone, and with each set of analyzers: what a build pays for them.</summary>
public abstract class AnalysisBenchmarks
{
    private CSharpCompilation _code = null!;

    private protected void Use(CSharpCompilation code) => _code = code;

    [Benchmark(Baseline = true, Description = "binding alone")]
    public int Binding() => _code.Clone().GetDiagnostics().Length;

    [Benchmark(Description = "an analyzer that does nothing")]
    public Task<int> Idle() => AnalyzerSet.Idle.AnalyzeAsync(_code.Clone());

    [Benchmark(Description = "ConcurrencyAnalyzers")]
    public Task<int> Ours() => AnalyzerSet.Ours.AnalyzeAsync(_code.Clone());

    [Benchmark]
    public Task<int> AsyncFixer() => Peers.AsyncFixer.Value.AnalyzeAsync(_code.Clone());

    [Benchmark(Description = "Meziantou.Analyzer")]
    public Task<int> Meziantou() => Peers.Meziantou.Value.AnalyzeAsync(_code.Clone());

    [Benchmark(Description = "VisualStudio.Threading.Analyzers")]
    public Task<int> VisualStudioThreading() => Peers.VisualStudioThreading.Value.AnalyzeAsync(_code.Clone());

    [Benchmark(Description = "Roslynator.Analyzers")]
    public Task<int> Roslynator() => Peers.Roslynator.Value.AnalyzeAsync(_code.Clone());

    [Benchmark(Description = "NetAnalyzers")]
    public Task<int> NetAnalyzers() => Peers.NetAnalyzers.Value.AnalyzeAsync(_code.Clone());

    [Benchmark(Description = "SonarAnalyzer.CSharp")]
    public Task<int> Sonar() => Peers.Sonar.Value.AnalyzeAsync(_code.Clone());
}

/// <summary>Once, four times and sixteen times the same code: the ratio stays, and so the time grows as the code does.</summary>
[Description("Analysis of 1,000, 4,000 and 16,000 generated lines, and binding alone")]
[BenchmarkNote("On one thread. Of the peers, the rules about concurrency, all switched on; ours are all of ours. An analyzer that does nothing is shown each call and reports none: what it costs is the compiler's own work (the trees of operations), which whoever asks first pays for all.")]
public class GeneratedCodeAnalysisBenchmarks : AnalysisBenchmarks
{
    [Params(1, 4, 16)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Compile() => Use(AnalyzedCode.Generated(Size));
}

[Description("Analysis of the runtime library's own source, and binding alone")]
public class OwnCodeAnalysisBenchmarks : AnalysisBenchmarks
{
    [GlobalSetup]
    public void Compile() => Use(AnalyzedCode.OfRuntime());
}

/// <summary>What it costs to look through calls, at any depth.</summary>
[Description("Blocking at a distance (CONC105) in 5,000 methods")]
public class CallAnalysisBenchmarks
{
    private static readonly AnalyzerSet Others = AnalyzerSet.OursBut("CONC105");

    [Benchmark(Description = "binding alone")]
    public int Binding() => AnalyzedCode.Calls.Clone().GetDiagnostics().Length;

    [Benchmark(Baseline = true, Description = "all rules but CONC105")]
    public Task<int> Without() => Others.AnalyzeAsync(AnalyzedCode.Calls.Clone());

    [Benchmark(Description = "all rules")]
    public Task<int> With() => AnalyzerSet.Ours.AnalyzeAsync(AnalyzedCode.Calls.Clone());
}

/// <summary>What an editor does after each key: the changed file is parsed anew, and it alone is analyzed.</summary>
[Description("Analysis of one open file of 5,000 lines after each change")]
public class OpenFileAnalysisBenchmarks
{
    private CSharpCompilation _project = null!;
    private SyntaxTree _file = null!;
    private int _change;

    [GlobalSetup]
    public void Open()
    {
        _file = AnalyzedCode.LargeFile;
        _project = AnalyzedCode.Generated(4).AddSyntaxTrees(_file);
    }

    [Benchmark(Baseline = true, Description = "binding alone")]
    public int Binding()
    {
        var (project, file) = Changed();
        return project.GetSemanticModel(file).GetDiagnostics().Length;
    }

    [Benchmark(Description = "an analyzer that does nothing")]
    public Task<int> Idle() => AnalyzeAsync(AnalyzerSet.Idle);

    [Benchmark(Description = "ConcurrencyAnalyzers")]
    public Task<int> Ours() => AnalyzeAsync(AnalyzerSet.Ours);

    [Benchmark]
    public Task<int> AsyncFixer() => AnalyzeAsync(Peers.AsyncFixer.Value);

    [Benchmark(Description = "Meziantou.Analyzer")]
    public Task<int> Meziantou() => AnalyzeAsync(Peers.Meziantou.Value);

    [Benchmark(Description = "VisualStudio.Threading.Analyzers")]
    public Task<int> VisualStudioThreading() => AnalyzeAsync(Peers.VisualStudioThreading.Value);

    [Benchmark(Description = "Roslynator.Analyzers")]
    public Task<int> Roslynator() => AnalyzeAsync(Peers.Roslynator.Value);

    [Benchmark(Description = "NetAnalyzers")]
    public Task<int> NetAnalyzers() => AnalyzeAsync(Peers.NetAnalyzers.Value);

    [Benchmark(Description = "SonarAnalyzer.CSharp")]
    public Task<int> Sonar() => AnalyzeAsync(Peers.Sonar.Value);

    private Task<int> AnalyzeAsync(AnalyzerSet analyzers)
    {
        var (project, file) = Changed();
        return analyzers.AnalyzeFileAsync(project, file);
    }

    private (CSharpCompilation Project, SyntaxTree File) Changed()
    {
        var text = _file.GetText();
        var changed = _file.WithChangedText(text.WithChanges(new TextChange(new TextSpan(text.Length, 0), $"// {_change++}\n")));
        return (_project.ReplaceSyntaxTree(_file, changed), changed);
    }
}
