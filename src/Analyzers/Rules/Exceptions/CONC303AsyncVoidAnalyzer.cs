using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>An async method, local function or lambda that returns void: nobody can wait for it, and what it throws ends the process.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC303AsyncVoidAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.AsyncVoid,
        title: "An async method or delegate that returns void",
        messageFormat: "{0} is async and returns void, so that nobody can wait for it, and an exception in it ends the process; {1}",
        DiagnosticSeverity.Warning,
        description: "An async function that returns void hands out no task. Who calls it goes on at its first await, and its exceptions have nowhere to go but to the synchronization context or the thread pool, where they end the process.");

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

            start.RegisterSymbolAction(symbol => AnalyzeMethod(symbol, known), SymbolKind.Method);
            start.RegisterOperationAction(operation => AnalyzeLocalFunction(operation, known), OperationKind.LocalFunction);
            start.RegisterOperationAction(operation => AnalyzeLambda(operation, known), OperationKind.AnonymousFunction);
        });
    }

    private static void AnalyzeMethod(SymbolAnalysisContext context, KnownSymbols known)
    {
        var method = (IMethodSymbol)context.Symbol;
        if (!method.ReturnsVoid || method.PartialDefinitionPart is not null)
            return;

        // Of a partial method, the part with the body is the one to look at.
        var implementation = method.PartialImplementationPart ?? method;
        if (!implementation.IsAsync || implementation.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(context.CancellationToken) is not MethodDeclarationSyntax declaration)
            return;

        if (!HandledFaults.CoverFunction(declaration) && !(Exempts(context.Options, declaration) && EventHandlers.Include(method, declaration, known))
            && !(method.DeclaredAccessibility == Accessibility.Private && UnawaitedDelegate.IsOnly(method.Name, method.ContainingType.DeclaringSyntaxReferences.Select(part => part.GetSyntax(context.CancellationToken)))))
        {
            RuleReporting.Report(
                context.ReportDiagnostic, context.Options, method, Rule, declaration.Identifier.GetLocation(), [], null,
                $"'{method.Name}'", IsGiven(method) ? "catch its exceptions" : "return a Task");
        }
    }

    private static void AnalyzeLocalFunction(OperationAnalysisContext context, KnownSymbols known)
    {
        var function = ((ILocalFunctionOperation)context.Operation).Symbol;
        if (!function.IsAsync || !function.ReturnsVoid || context.Operation.Syntax is not LocalFunctionStatementSyntax declaration)
            return;

        if (!HandledFaults.CoverFunction(declaration) && !(Exempts(context.Options, declaration) && EventHandlers.Include(function, declaration, known))
            && !(declaration.Parent is { } scope && UnawaitedDelegate.IsOnly(function.Name, [scope is GlobalStatementSyntax { Parent: { } program } ? program : scope])))
        {
            context.Report(Rule, declaration.Identifier.GetLocation(), $"'{function.Name}'", "return a Task");
        }
    }

    private static void AnalyzeLambda(OperationAnalysisContext context, KnownSymbols known)
    {
        var lambda = (IAnonymousFunctionOperation)context.Operation;
        if (!lambda.Symbol.IsAsync || !lambda.Symbol.ReturnsVoid || lambda.Syntax is not AnonymousFunctionExpressionSyntax syntax)
            return;

        // Parallel.For, ForEach and Invoke and List.ForEach are another rule's.
        if (UnawaitedDelegate.Is(lambda, known)
            || IsGivenToAwaited(lambda)
            || HandledFaults.CoverWork(lambda)
            || (Exempts(context.Options, syntax) && EventHandlers.Include(lambda, known)))
        {
            return;
        }

        var target = lambda.Parent?.Type?.Name is { Length: > 0 } name ? $"This lambda, turned into '{name}'," : "This lambda";
        context.Report(Rule, syntax.AsyncKeyword.GetLocation(), target, "use a delegate that returns a Task, or catch its exceptions");
    }

    private static bool Exempts(AnalyzerOptions options, SyntaxNode node) =>
        ConcurrencyOptions.ExemptEventHandlers.In(options.AnalyzerConfigOptionsProvider.GetOptions(node.SyntaxTree));

    // The signature is another's: a base class's, an interface's, the other part's.
    private static bool IsGiven(IMethodSymbol method) =>
        method.IsOverride || method.PartialImplementationPart is not null || VoidContracts.Implements(method);

    // await policy.Execute(async () => …) of what isn't there: with the library in place, the delegate returns a task.
    private static bool IsGivenToAwaited(IAnonymousFunctionOperation lambda) =>
        lambda.Syntax is { Parent: ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Parent: AwaitExpressionSyntax } call } }
        && lambda.SemanticModel?.GetTypeInfo(call).Type is null or { SpecialType: SpecialType.System_Void } or { TypeKind: TypeKind.Error };
}
