namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Who gets to know what the tasks of a WhenAll threw.</summary>
internal static class AwaitedFailures
{
    /// <summary>
    /// The clause that takes the exceptions of the await in the same function, be it every exception or a kind of them;
    /// null where they leave the function, or where a clause throws again.
    /// </summary>
    public static ICatchClauseOperation? CatchAround(IAwaitOperation awaited, KnownSymbols known)
    {
        for (IOperation child = awaited, parent = awaited.Parent!; parent is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); child = parent, parent = parent.Parent!)
        {
            if (parent is ITryOperation attempt
                && attempt.Body == child
                && attempt.Catches.FirstOrDefault(clause => !CaughtExceptions.IsCancellation(clause.ExceptionType, known)) is { } taker)
            {
                return taker;
            }
        }

        return null;
    }

    /// <summary>
    /// The tasks, or the collection of them, are held by someone else, or the code mentions them again: in the handler,
    /// or anywhere after the await.
    /// </summary>
    public static bool TasksAreKept(IInvocationOperation whenAll, IOperation awaited)
    {
        var (tasks, collection) = CompletionValues.Arguments(whenAll);
        return collection is not null ? IsKept(collection, awaited) : tasks.Any(task => IsKept(task, awaited));
    }

    /// <summary>
    /// A field, a property or a parameter; or a local that is mentioned further down, or in another turn of a loop, for
    /// more than to ask whether it is the one that won.
    /// </summary>
    public static bool IsKept(IOperation value, IOperation after)
    {
        value = AssignedValues.Unwrap(value);
        if (value is IInvocationOperation { TargetMethod.Name: "AsTask" or "ToArray" or "ToList" or "AsEnumerable" or "Cast" } wrapper && StartedTask.ReceiverOf(wrapper) is { } inner)
            value = AssignedValues.Unwrap(inner);

        switch (value)
        {
            case IParameterReferenceOperation or IFieldReferenceOperation or IPropertyReferenceOperation:
                return true;
            case ILocalReferenceOperation { Local: var local }:
                var from = after.Syntax.Span.End;
                for (var current = after.Parent; current is not null; current = current.Parent)
                {
                    if (current is ILoopOperation && !current.Syntax.Span.Contains(local.DeclaringSyntaxReferences.FirstOrDefault()?.Span ?? default))
                        from = Math.Min(from, current.Syntax.SpanStart);
                }

                return AssignedValues.References(local, AssignedValues.Root(after)).Any(mention =>
                    mention.Syntax.SpanStart >= from && !after.Syntax.Span.Contains(mention.Syntax.Span) && !IsAdded(mention) && !IsCompared(mention));
            default:
                return false;
        }
    }

    private static bool IsCompared(ILocalReferenceOperation task)
    {
        IOperation value = task;
        while (value.Parent is IConversionOperation or IParenthesizedOperation)
            value = value.Parent;

        return value.Parent is IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals };
    }

    // In a loop, the list is filled; that isn't to look at what is in it.
    private static bool IsAdded(ILocalReferenceOperation list) =>
        list.Parent is IInvocationOperation { TargetMethod.Name: "Add" or "AddRange" } call && call.Instance == list;
}
