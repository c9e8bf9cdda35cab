using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

#pragma warning disable RS1001, RS1036, RS1038, RS2008 // A rule for tests of the harness, which nobody ships.

namespace ConcurrencyAnalyzers.TestKit.Tests;

/// <summary>Reports each use of a name that starts with "bad", or does what the test asks it to.</summary>
internal sealed class BadNameAnalyzer(Action<SyntaxNodeAnalysisContext>? onName = null, DiagnosticSeverity severity = DiagnosticSeverity.Warning) : DiagnosticAnalyzer
{
    public const string Id = "BAD1";

    private readonly DiagnosticDescriptor _rule = new(Id, "A bad name", "The name '{0}' is bad", "Names", severity, isEnabledByDefault: true);

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [_rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterSyntaxNodeAction(Analyze, SyntaxKind.IdentifierName);
    }

    private void Analyze(SyntaxNodeAnalysisContext context)
    {
        onName?.Invoke(context);
        var name = ((IdentifierNameSyntax)context.Node).Identifier.ValueText;
        if (name.StartsWith("bad", StringComparison.Ordinal))
            context.ReportDiagnostic(Diagnostic.Create(_rule, context.Node.GetLocation(), name));
    }
}

/// <summary>Renames the use of a bad name to "good", or to what the test says.</summary>
internal sealed class BadNameFix : CodeFixProvider
{
    /// <summary>The new name; null: no fix is offered.</summary>
    public Func<string, string?> Rename { get; init; } = _ => "good";

    public string? Key { get; init; } = "Rename";

    /// <summary>A second fix, that writes "other".</summary>
    public bool OffersAnother { get; init; }

    public FixAllProvider? FixAll { get; init; } = WellKnownFixAllProviders.BatchFixer;

    public override ImmutableArray<string> FixableDiagnosticIds => [BadNameAnalyzer.Id];

    public override FixAllProvider? GetFixAllProvider() => FixAll;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = (await context.Document.GetSyntaxRootAsync(context.CancellationToken))!;
        var name = (IdentifierNameSyntax)root.FindNode(context.Span, getInnermostNodeForTie: true);
        if (Rename(name.Identifier.ValueText) is { } newName)
            Register(newName, Key);

        if (OffersAnother)
            Register("other", "Other");

        void Register(string to, string? key) => context.RegisterCodeFix(
            CodeAction.Create("Rename to " + to, _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(name, SyntaxFactory.ParseExpression(to).WithTriviaFrom(name)))), key),
            context.Diagnostics);
    }
}
