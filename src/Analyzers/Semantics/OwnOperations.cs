using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The operations inside an operation that run with it: those of the functions that it declares run at other times.</summary>
internal static class OwnOperations
{
    /// <summary>In the order in which they run: what an operation consists of comes before it. Functions come without their bodies.</summary>
    public static IEnumerable<IOperation> Of(IOperation operation)
    {
        var pending = new Stack<(IOperation Operation, bool IsEntered)>();
        pending.Push((operation, false));
        while (pending.Count > 0)
        {
            var (current, isEntered) = pending.Pop();
            if (isEntered || current is IFlowAnonymousFunctionOperation or IAnonymousFunctionOperation or ILocalFunctionOperation)
            {
                yield return current;
                continue;
            }

            pending.Push((current, true));
            foreach (var child in current.ChildOperations.Reverse())
                pending.Push((child, false));
        }
    }
}
