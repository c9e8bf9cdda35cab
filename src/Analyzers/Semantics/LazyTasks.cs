namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Lazy sequences of tasks: LINQ's projections, whose work begins when they are enumerated, each time anew.</summary>
internal static class LazyTasks
{
    private static readonly ImmutableHashSet<string> Deferred =
        ["Append", "AsEnumerable", "Cast", "Concat", "DefaultIfEmpty", "Distinct", "OfType", "OrderBy", "OrderByDescending", "Prepend", "Reverse", "Select", "SelectMany", "Skip", "SkipLast", "SkipWhile", "Take", "TakeLast", "TakeWhile", "Union", "Where", "Zip", "Index", "AsParallel"];

    /// <summary>The projection that starts the tasks of the sequence; null where it is none, or isn't lazy.</summary>
    public static TaskFanOut? Of(IOperation sequence, KnownSymbols known)
    {
        sequence = AssignedValues.Unwrap(sequence);
        if (sequence is not IInvocationOperation call || !known.IsLinq(call.TargetMethod.ContainingType) || !Deferred.Contains(call.TargetMethod.Name))
            return null;

        foreach (var fanOut in TaskFanOut.Of(sequence, sequence, known))
        {
            if (fanOut is { IsEager: false, Loop: null } && TaskStart.IsStart(fanOut.Work, known))
                return fanOut;
        }

        return null;
    }

    /// <summary>What enumerates the sequence at that mention: a call that takes it, a foreach, a copy; null where nothing is known to.</summary>
    public static IOperation? EnumerationOf(ILocalReferenceOperation mention, KnownSymbols known)
    {
        IOperation current = mention;
        while (current.Parent is { } parent)
        {
            switch (parent)
            {
                case IConversionOperation or IParenthesizedOperation or ITranslatedQueryOperation:
                    current = parent;
                    break;
                case IForEachLoopOperation loop:
                    return loop.Collection == current ? current : null;
                case ISpreadOperation spread:
                    return spread;
                case IArgumentOperation { Parent: IInvocationOperation call } argument:
                    if (known.IsLinq(call.TargetMethod.ContainingType))
                    {
                        if (!Deferred.Contains(call.TargetMethod.Name))
                            return call.TargetMethod.Name is "TryGetNonEnumeratedCount" ? null : call;

                        current = call;
                        break;
                    }

                    return argument == call.Arguments[0] && IsCollecting(call, known) ? call : null;
                case IArgumentOperation { Parent: IObjectCreationOperation { Type.Name: "List" or "HashSet" or "Queue" or "Stack" } copy }:
                    return copy;
                default:
                    return null;
            }
        }

        return null;
    }

    private static bool IsCollecting(IInvocationOperation call, KnownSymbols known) => call.TargetMethod.Name switch
    {
        "WhenAll" or "WhenAny" or "WhenEach" or "WaitAll" or "WaitAny" => SymbolEqualityComparer.Default.Equals(call.TargetMethod.ContainingType, known.Task),
        "AddRange" => call.TargetMethod.ContainingType.Name == "List",
        _ => false,
    };
}
