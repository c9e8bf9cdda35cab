using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Whether a task is known to be complete where code blocks on it, on every path that leads there: it was awaited or
/// waited for, alone, in a WhenAll or through the collection that holds it; or a guard asked for its state; or it is a
/// continuation's antecedent, the winner of a WhenAny, or made complete.
/// </summary>
internal static class CompletedTasks
{
    private static readonly ConditionalWeakTable<ControlFlowGraph, CompletionFlow> Flows = new();

    /// <summary>Whether the task that the operation blocks on is complete before it.</summary>
    /// <param name="blocking">The blocking access, such as <c>task.Result</c>, in the operation tree.</param>
    /// <param name="task">The task, or the tasks, that it blocks on.</param>
    /// <param name="graph">Of the whole member around the operation; asked for only if the code alone doesn't tell.</param>
    /// <param name="known">The compilation's types.</param>
    public static bool AreKnownComplete(IOperation blocking, IOperation task, Func<ControlFlowGraph> graph, KnownSymbols known)
    {
        if (CompletionValues.IsMadeComplete(task, known) || CompletionPatterns.Say(blocking, task, known))
            return true;

        if (!CompletionValues.CanBeFollowed(task, known))
            return false;

        var flow = Flows.GetValue(graph(), one => new CompletionFlow(one, AssignedValues.Root(blocking), known));
        return flow.IsComplete(blocking, task);
    }
}
