using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The control-flow graph of the innermost function around an operation.</summary>
internal static class FunctionGraph
{
    /// <summary>The innermost lambda or local function around the operation; null where there is none but the member itself.</summary>
    public static IOperation? FunctionAround(IOperation operation)
    {
        var current = operation.Parent;
        while (current is not null and not IAnonymousFunctionOperation and not ILocalFunctionOperation)
            current = current.Parent;

        return current;
    }

    /// <summary>The graph of the function around the operation; null where it can't be had. It is dear: ask last.</summary>
    public static ControlFlowGraph? Around(IOperation operation, OperationAnalysisContext context) => Of(FunctionAround(operation), context);

    /// <summary>The graph of a lambda or local function, or of the member where there is none.</summary>
    public static ControlFlowGraph? Of(IOperation? function, OperationAnalysisContext context)
    {
        if (function is null)
            return context.GetControlFlowGraph();

        if (Of(FunctionAround(function), context) is not { } outer)
            return null;

        return function switch
        {
            ILocalFunctionOperation localFunction => outer.GetLocalFunctionControlFlowGraphInScope(localFunction.Symbol, context.CancellationToken),
            IAnonymousFunctionOperation lambda => outer.Blocks
                .SelectMany(static block => block.BranchValue is { } branchValue ? block.Operations.Add(branchValue) : block.Operations)
                .SelectMany(static operation => operation.DescendantsAndSelf())
                .OfType<IFlowAnonymousFunctionOperation>()
                .Where(flow => flow.Syntax == lambda.Syntax)
                .Select(flow => outer.GetAnonymousFunctionControlFlowGraphInScope(flow, context.CancellationToken))
                .FirstOrDefault(),
            _ => null,
        };
    }
}
