using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Whether an operation stands in async code: its innermost function is async (a method, local function, lambda,
/// anonymous method, or top-level statements that await), or returns a task. A synchronous lambda in an async method
/// is not async code, nor is one that never returns, whatever type it is taken for.
/// </summary>
internal static class AsyncContext
{
    private static readonly ConditionalWeakTable<SyntaxNode, StrongBox<bool>> Endless = new();

    /// <summary>The innermost function around the operation: a lambda or local function, else the member itself.</summary>
    public static IMethodSymbol? InnermostFunction(IOperation operation, ISymbol containingSymbol)
    {
        for (var current = operation.Parent; current is not null; current = current.Parent)
        {
            switch (current)
            {
                case IAnonymousFunctionOperation lambda:
                    return lambda.Symbol;
                case ILocalFunctionOperation localFunction:
                    return localFunction.Symbol;
            }
        }

        return containingSymbol as IMethodSymbol;
    }

    public static bool IsInAsyncCode(IOperation operation, ISymbol containingSymbol, KnownSymbols known) =>
        InnermostFunction(operation, containingSymbol) is { } function && IsAsyncCode(function, known);

    public static bool IsAsyncCode(IMethodSymbol function, KnownSymbols known) =>
        function.IsAsync || (function.ReturnType.IsTaskOrValueTask(known) && !NeverReturns(function));

    // `() => { while (true) … }` fits every return type, and Task.Run takes it for one that returns a task.
    private static bool NeverReturns(IMethodSymbol function) =>
        function is { MethodKind: MethodKind.AnonymousFunction, DeclaringSyntaxReferences: [var declaration] }
        && declaration.GetSyntax() is AnonymousFunctionExpressionSyntax { Block: { } } lambda
        && Endless.GetValue(lambda, static one => new(!HasReturn(((AnonymousFunctionExpressionSyntax)one).Block!))).Value;

    private static bool HasReturn(BlockSyntax body) =>
        body.DescendantNodes(static node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)).Any(static node => node is ReturnStatementSyntax);
}
