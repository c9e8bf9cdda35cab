using System.Collections.Immutable;
using System.Reflection;
using ConcurrencyAnalyzers.Rules.Blocking;
using ConcurrencyAnalyzers.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

namespace ConcurrencyAnalyzers.Tests.Repository;

/// <summary>Every rule of the product, with its analyzer and its fix, as the assemblies have them.</summary>
internal static class RuleCatalog
{
    public static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } =
        [.. InstancesOf<DiagnosticAnalyzer>(typeof(CONC101ThreadSleepInAsyncAnalyzer).Assembly)];

    public static ImmutableArray<CodeFixProvider> CodeFixes { get; } =
        [.. InstancesOf<CodeFixProvider>(typeof(CONC101ThreadSleepInAsyncCodeFix).Assembly)];

    public static ImmutableArray<RuleEntry> Rules { get; } =
    [
        .. from analyzer in Analyzers
           from descriptor in analyzer.SupportedDiagnostics
           orderby descriptor.Id
           select new RuleEntry(descriptor, analyzer, CodeFixes.SingleOrDefault(fix => fix.FixableDiagnosticIds.Contains(descriptor.Id))),
    ];

    /// <summary>The constants of RuleIds: the list of ids that the product answers for.</summary>
    public static ImmutableArray<string> Ids { get; } =
        [.. typeof(RuleIds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)];

    private static IEnumerable<T> InstancesOf<T>(Assembly assembly) =>
        assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(T))).OrderBy(type => type.Name, StringComparer.Ordinal).Select(type => (T)Activator.CreateInstance(type)!);
}

internal sealed record RuleEntry(DiagnosticDescriptor Descriptor, DiagnosticAnalyzer Analyzer, CodeFixProvider? CodeFix)
{
    public string Id => Descriptor.Id;

    public string Area => RuleDescriptor.AreaOf(Id);

    public string Page => $"docs/rules/{Id}.md";

    /// <summary>The stem that the rule's four files share, such as CONC101ThreadSleepInAsync.</summary>
    public string Stem => Analyzer.GetType().Name[..^"Analyzer".Length];

    public NoCodeFixAttribute? NoCodeFix => Analyzer.GetType().GetCustomAttribute<NoCodeFixAttribute>();

    public CodeFixProvider CodeFixOrNone => CodeFix ?? new EmptyCodeFix();
}
