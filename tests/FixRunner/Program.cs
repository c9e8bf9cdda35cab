using System.Collections.Immutable;
using System.Reflection;
using ConcurrencyAnalyzers.FixRunner;
using ConcurrencyAnalyzers.Rules.Blocking;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

// Exit codes: 0 no fix added an error, 1 some did, 2 it couldn't run.
const string Usage =
    """
    FixRunner --src DIR [--src DIR …] [--refs DIR …] [--ids CONC101,CONC201 …] [--show]

    Loads each folder as one solution (a project for each .csproj, its files and its references to other projects), applies
    the fix-all of every rule to every project, and compiles before and after. Nothing is written. What doesn't compile
    before (packages that aren't restored, say) doesn't count: only errors that a fix adds are reported.

      --src DIR    a tree of C# projects
      --refs DIR   a folder of assemblies that the code is compiled against, beside the framework and the runtime
      --ids A,B    only these rules
      --show       also list the rules and projects in which nothing went wrong
    """;

List<string> sources = [], references = [];
HashSet<string> ids = [];
var show = false;
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--src" when i + 1 < args.Length: sources.Add(args[++i]); break;
        case "--refs" when i + 1 < args.Length: references.Add(args[++i]); break;
        case "--ids" when i + 1 < args.Length: ids.UnionWith(args[++i].Split(',')); break;
        case "--show": show = true; break;
        default: return Fail($"'{args[i]}' is no option, or lacks its value.");
    }
}

if (sources.Count == 0)
    return Fail("--src is needed.");
if (sources.Concat(references).FirstOrDefault(folder => !Directory.Exists(folder)) is { } missing)
    return Fail($"there is no folder '{missing}'.");

ImmutableArray<DiagnosticAnalyzer> analyzers =
    [.. InstancesOf<DiagnosticAnalyzer>(typeof(CONC101ThreadSleepInAsyncAnalyzer).Assembly).Where(analyzer => ids.Count == 0 || analyzer.SupportedDiagnostics.Any(rule => ids.Contains(rule.Id)))];
ImmutableArray<CodeFixProvider> fixes = [.. InstancesOf<CodeFixProvider>(typeof(CONC101ThreadSleepInAsyncCodeFix).Assembly)];

var report = new FixReport(Console.Out, show);
var assemblies = References.Load(references);
foreach (var source in sources)
{
    var solution = SourceTree.Load(source, assemblies);
    await new FixRun(solution, analyzers, fixes, report).RunAsync();
}

report.WriteSummary();
return report.AddedErrors == 0 ? 0 : 1;

static int Fail(string reason)
{
    Console.Error.WriteLine($"FixRunner: {reason}\n\n{Usage}");
    return 2;
}

static IEnumerable<T> InstancesOf<T>(Assembly assembly) =>
    assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(T))).OrderBy(type => type.Name, StringComparer.Ordinal).Select(type => (T)Activator.CreateInstance(type)!);
