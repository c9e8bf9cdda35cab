using System.Collections.Immutable;
using Microsoft.CodeAnalysis.CodeFixes;

namespace ConcurrencyAnalyzers.TestKit;

/// <summary>Stands for the fix of a rule that has none.</summary>
public sealed class EmptyCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [];

    public override FixAllProvider? GetFixAllProvider() => null;

    public override Task RegisterCodeFixesAsync(CodeFixContext context) => Task.CompletedTask;
}
