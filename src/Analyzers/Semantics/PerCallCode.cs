using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Whether code runs again and again over a program's life, as a call does: not the constructors and initialisers that
/// set an object up, not the entry point, not the methods that a host runs once, not tests, and not what stands before
/// an endless loop in the same function.
/// </summary>
internal static class PerCallCode
{
    public static bool Contains(IOperation operation, ISymbol containingSymbol, KnownSymbols known)
    {
        var function = AsyncContext.InnermostFunction(operation, containingSymbol);
        if (function is null or { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor })
            return false;

        // Its local functions and lambdas are set-up, or commands of a console program; only request handlers run per call.
        if (EntryPoint.Is(containingSymbol) && !IsInRequestHandler(operation, known))
            return false;

        return !IsRunByHost(function, known)
            && !PrecedesEndlessLoop(operation.Syntax)
            && !TestMethods.IsTestCode(containingSymbol);
    }

    // app.MapGet("/", async () => …), app.Use(async (context, next) => …)
    private static bool IsInRequestHandler(IOperation operation, KnownSymbols known)
    {
        for (var current = operation.Parent; current is not null; current = current.Parent)
        {
            if (current is IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { IsExtensionMethod: true, Parameters: [{ Type: var receiver }, ..] } }, Value: IDelegateCreationOperation or IConversionOperation }
                && (SymbolEqualityComparer.Default.Equals(receiver, known.EndpointRouteBuilder) || SymbolEqualityComparer.Default.Equals(receiver, known.ApplicationBuilder)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsRunByHost(IMethodSymbol function, KnownSymbols known)
    {
        switch (function.Name)
        {
            case "ExecuteAsync" when known.BackgroundService is { } service:
                for (var type = function.ContainingType; type is not null; type = type.BaseType)
                {
                    if (SymbolEqualityComparer.Default.Equals(type, service))
                        return true;
                }

                return false;
            case "StartAsync" when known.HostedService is { } service:
                return function.ContainingType?.AllInterfaces.Contains(service, SymbolEqualityComparer.Default) == true;
            default:
                return false;
        }
    }

    // What a worker makes before its loop lives as long as the worker.
    private static bool PrecedesEndlessLoop(SyntaxNode node)
    {
        for (var statement = node.FirstAncestorOrSelf<StatementSyntax>(); statement is not null; statement = statement.Parent?.FirstAncestorOrSelf<StatementSyntax>())
        {
            if (node.Ancestors().TakeWhile(one => one != statement).Any(static one => one is AnonymousFunctionExpressionSyntax))
                return false;

            foreach (var inner in FollowingStatements(statement))
            {
                foreach (var loop in inner.DescendantNodesAndSelf(static one => one is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)))
                {
                    if (IsEndless(loop))
                        return true;
                }
            }

            if (statement.Parent is LocalFunctionStatementSyntax)
                return false;
        }

        return false;
    }

    private static IEnumerable<SyntaxNode> FollowingStatements(StatementSyntax statement)
    {
        if (statement is UsingStatementSyntax used)
            yield return used.Statement;

        var siblings = statement.Parent switch
        {
            BlockSyntax block => block.Statements,
            SwitchSectionSyntax section => section.Statements,
            _ => default,
        };
        foreach (var sibling in siblings)
        {
            if (sibling.SpanStart > statement.SpanStart)
                yield return sibling;
        }
    }

    private static bool IsEndless(SyntaxNode loop) => loop switch
    {
        ForStatementSyntax { Condition: null } forever => !CanEnd(forever.Statement),
        WhileStatementSyntax { Condition.RawKind: (int)SyntaxKind.TrueLiteralExpression } forever => !CanEnd(forever.Statement),
        WhileStatementSyntax { Condition: var condition } => condition.ToString() is var text && (text.Contains("IsCancellationRequested") || text.Contains("WaitToReadAsync")),
        ForEachStatementSyntax { Expression: var source } each => each.AwaitKeyword != default && source.ToString().Contains("ReadAllAsync"),
        _ => false,
    };

    // A loop that returns is a retry, or a search.
    private static bool CanEnd(StatementSyntax body) =>
        body.DescendantNodes(static one => one is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)).Any(static one => one is ReturnStatementSyntax { Expression: not null });
}
