using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary>A synchronous call in async code where the type has an asynchronous method that takes the same arguments.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC104AsyncSiblingAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.AsyncSiblingAvailable,
        title: "A synchronous call in async code that has an async sibling",
        messageFormat: "'{0}' holds the thread that runs this async code; await '{1}' instead",
        DiagnosticSeverity.Info,
        description: "Where a type offers a method both ways, the synchronous one holds its thread for as long as the file, the network or the database takes. Async code can await the other one.");

    private static readonly ImmutableHashSet<string> NotWorthAwaiting = ["Cancel", "Close", "CreateDbContext", "Dispose", "GetFieldValue", "IsDBNull", "Run"];

    private static readonly ImmutableHashSet<string> TestingNamespaces = ["FluentAssertions", "NUnit", "Shouldly", "TUnit", "Xunit", "AwesomeAssertions"];

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is null)
                return;

            var siblings = new SiblingNames();
            start.RegisterOperationAction(operation => Analyze(operation, siblings, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, SiblingNames siblings, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        var method = call.TargetMethod;
        var name = siblings.Of(method) ?? (DatabaseQuery.IsRunBy(call, known) ? method.Name + "Async" : null);
        if (name is null
            || AsyncContext.InnermostFunction(call, context.ContainingSymbol) is not { } function
            || !AsyncContext.IsAsyncCode(function, known)
            || IsFine(call, known)
            || call.Syntax is not InvocationExpressionSyntax syntax
            || IsLocked(syntax)
            || ExpressionTrees.Contain(call, known)
            || MockSetup.Contains(call, known)
            || IsTest(context))
        {
            return;
        }

        if (AsyncSibling.Of(syntax, name, call.SemanticModel!, known) is { } sibling
            && !IsImplementedBy(function, sibling.Method, call)
            && !IsWrapper(sibling.Method, method, context.CancellationToken))
        {
            context.Report(Rule, syntax, method.Name, name);
        }
    }

    private static bool IsFine(IInvocationOperation call, KnownSymbols known)
    {
        var method = call.TargetMethod;
        return NotWorthAwaiting.Contains(method.Name)
            || method.ReturnType.IsTaskOrValueTask(known)
            || (method.Name is "Add" or "AddRange" && DatabaseQuery.IsOfEntityFramework(method.ContainingType))
            || BlockingPrimitive.Of(call, known) is not null
            || (method.Name is "Wait" && ZeroTimeout.IsGiven(call, known))
            || IsOfTesting(method.ContainingType)
            || SynchronousByNature.IsParsing(call)
            || SynchronousByNature.IsUsedBy(call, known);
    }

    private static bool IsOfTesting(INamedTypeSymbol type)
    {
        for (var space = type.ContainingNamespace; space is { IsGlobalNamespace: false }; space = space.ContainingNamespace)
        {
            if (TestingNamespaces.Contains(space.Name))
                return true;
        }

        return type.Name is "Assert";
    }

    // No await can stand there; that a lock is held meanwhile is a question of its own.
    private static bool IsLocked(SyntaxNode node)
    {
        for (var current = node.Parent; current is not null and not AnonymousFunctionExpressionSyntax and not MemberDeclarationSyntax; current = current.Parent)
        {
            if (current is LockStatementSyntax)
                return true;
        }

        return false;
    }

    private static bool IsTest(OperationAnalysisContext context) =>
        TestMethods.IsTestCode(context.ContainingSymbol)
        && !ConcurrencyOptions.AnalyzeTests.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(context.Operation.Syntax.SyntaxTree));

    // ReadAsync that calls Read is how one is made out of the other, be it an overload of it or in a base class.
    private static bool IsImplementedBy(IMethodSymbol function, IMethodSymbol sibling, IInvocationOperation call)
    {
        for (ISymbol? current = function; current is IMethodSymbol method; current = current.ContainingSymbol)
        {
            if (method.Name == sibling.Name && (call.Instance is null or IInstanceReferenceOperation || SymbolEqualityComparer.Default.Equals(method.OriginalDefinition, sibling.OriginalDefinition)))
                return true;
        }

        return false;
    }

    // A sibling that only calls the synchronous method, or hands out a finished task, is no better.
    private static bool IsWrapper(IMethodSymbol sibling, IMethodSymbol method, CancellationToken cancellationToken)
    {
        sibling = (sibling.ReducedFrom ?? sibling).OriginalDefinition;
        if (sibling.DeclaringSyntaxReferences is not [var declaration] || declaration.GetSyntax(cancellationToken) is not { } syntax)
            return false;

        var isAsync = sibling.IsAsync;
        foreach (var token in syntax.DescendantTokens())
        {
            if (token.Parent is SimpleNameSyntax && (token.ValueText == method.Name || (!isAsync && token.ValueText is "FromResult" or "CompletedTask")))
                return true;
        }

        return false;
    }
}
