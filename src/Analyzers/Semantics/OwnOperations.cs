using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The operations inside an operation that run with it: those of the functions that it declares run at other times.</summary>
internal static class OwnOperations
{
    /// <summary>In the order in which they run: what an operation consists of comes before it. Functions come without their bodies.</summary>
    public static IEnumerable<IOperation> Of(IOperation operation) => Of(operation, static _ => true);

    /// <summary>The same, without what stands inside of operations that aren't to be entered.</summary>
    public static IEnumerable<IOperation> Of(IOperation operation, Func<IOperation, bool> enter)
    {
        var pending = new Stack<(IOperation Operation, bool IsEntered)>();
        pending.Push((operation, false));
        while (pending.Count > 0)
        {
            var (current, isEntered) = pending.Pop();
            if (isEntered || current is IFlowAnonymousFunctionOperation or IAnonymousFunctionOperation or ILocalFunctionOperation || !enter(current))
            {
                yield return current;
                continue;
            }

            pending.Push((current, true));
            foreach (var child in current.ChildOperations.Reverse())
                pending.Push((child, false));
        }
    }

    /// <summary>The body of the innermost function around the operation.</summary>
    public static IOperation BodyAround(IOperation operation)
    {
        while (operation.Parent is { } parent and not (IAnonymousFunctionOperation or ILocalFunctionOperation))
            operation = parent;

        return operation;
    }
}
