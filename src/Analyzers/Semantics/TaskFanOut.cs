using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// A place that starts one task for each element of a sequence, or for each turn of a loop: a projection
/// (<c>xs.Select(F)</c>) or a collection that a loop fills (<c>tasks.Add(F(x))</c>, <c>tasks[i] = F(xs[i])</c>).
/// </summary>
internal sealed class TaskFanOut
{
    private TaskFanOut(IOperation start, IOperation work, IOperation? source, ILoopOperation? loop, SequenceBound bound, bool isEager)
    {
        Start = start;
        Work = work;
        Source = source;
        Loop = loop;
        Bound = bound;
        IsEager = isEager;
    }

    /// <summary>The projection's call, or the call or assignment that stores a started task.</summary>
    public IOperation Start { get; }

    /// <summary>The syntax of the start: the call or assignment, or the whole query.</summary>
    public SyntaxNode Syntax => Start.Syntax is SelectOrGroupClauseSyntax { Parent.Parent: QueryExpressionSyntax query } ? query : Start.Syntax;

    /// <summary>The projection's delegate, or the expression that starts a task.</summary>
    public IOperation Work { get; }

    /// <summary>The sequence that is projected or looped over; null for loops over none.</summary>
    public IOperation? Source { get; }

    /// <summary>The loop that starts the tasks; null for projections.</summary>
    public ILoopOperation? Loop { get; }

    /// <summary>How many tasks there are.</summary>
    public SequenceBound Bound { get; }

    /// <summary>Whether the tasks are started where they are made, and not by the first enumeration.</summary>
    public bool IsEager { get; }

    /// <summary>Every place where tasks of the sequence are started for the consumer (a WhenAll, a loop that awaits them).</summary>
    public static IEnumerable<TaskFanOut> Of(IOperation tasks, IOperation consumer, KnownSymbols known) =>
        new Search(consumer, known).In(tasks, isEager: false, SequenceBound.Unknown, 8);

    /// <summary>A statement of a loop that starts a task which nobody waits for: the call, or the assignment that discards it.</summary>
    public static TaskFanOut OfDropped(IOperation start, IOperation task, ILoopOperation loop, KnownSymbols known) =>
        new(start, task, (loop as IForEachLoopOperation)?.Collection, loop, SequenceBounds.OfTurns(loop, known), isEager: true);

    /// <summary>Whether the place starts work that nothing holds back: it neither waits at a gate nor hands out tasks that run already.</summary>
    public bool StartsUngatedWork(KnownSymbols known, CancellationToken cancellationToken) =>
        TaskStart.IsStart(Work, known) && !Gating.IsGated(Work, known, cancellationToken) && (Loop is null || !IsGatedByLoop(Loop, Start, known));

    // A loop that waits at a gate, or for an arrival, before it starts the next task.
    private static bool IsGatedByLoop(ILoopOperation loop, IOperation start, KnownSymbols known)
    {
        // `while (true)`, `while (await …)` and `for (;;)` go on for as long as something arrives.
        var isOpen = loop is IWhileLoopOperation or IForLoopOperation { Condition: null };
        foreach (var operation in loop.Descendants())
        {
            if (operation.Syntax.Span.End <= start.Syntax.SpanStart && ((isOpen && operation is IAwaitOperation) || (operation is IInvocationOperation call && Gating.IsGate(call))))
                return true;
        }

        return loop is IForEachLoopOperation { IsAsynchronous: true } arrivals && IsChannel(arrivals.Collection);
    }

    private static bool IsChannel(IOperation sequence) =>
        AssignedValues.Unwrap(sequence) is IInvocationOperation call
        && (call.TargetMethod is { Name: "ReadAllAsync", ContainingType.Name: "ChannelReader" }
            || (call.Arguments.FirstOrDefault()?.Value is { } inner && call.TargetMethod.IsExtensionMethod && IsChannel(inner)));

    private sealed class Search(IOperation consumer, KnownSymbols known)
    {
        private static readonly ImmutableHashSet<string> Mentions = ["Add", "AddRange", "Enqueue", "Push", "AddLast", "TryAdd", "Insert"];

        public IEnumerable<TaskFanOut> In(IOperation tasks, bool isEager, SequenceBound limit, int depth)
        {
            tasks = AssignedValues.Unwrap(tasks);
            if (depth == 0)
                return [];

            return tasks switch
            {
                IInvocationOperation invocation => InCall(invocation, isEager, limit, depth),
                ICollectionExpressionOperation literal => literal.Elements.OfType<ISpreadOperation>().SelectMany(spread => In(spread.Operand, true, SequenceBound.Unknown, depth - 1)),
                IObjectCreationOperation { Arguments: [{ Value: var copied }] } => In(copied, true, SequenceBound.Unknown, depth - 1),
                IPropertyReferenceOperation { Property.Name: "Values", Instance: { } dictionary } => In(dictionary, isEager, limit, depth - 1),
                IConditionalOperation { WhenFalse: { } whenFalse } conditional => In(conditional.WhenTrue, isEager, limit, depth - 1).Concat(In(whenFalse, isEager, limit, depth - 1)),
                ICoalesceOperation coalesce => In(coalesce.Value, isEager, limit, depth - 1).Concat(In(coalesce.WhenNull, isEager, limit, depth - 1)),
                ILocalReferenceOperation local => InLocal(local, isEager, limit, depth),
                _ => [],
            };
        }

        private IEnumerable<TaskFanOut> InCall(IInvocationOperation invocation, bool isEager, SequenceBound limit, int depth)
        {
            var method = invocation.TargetMethod;
            var source = invocation.Instance ?? invocation.Arguments.FirstOrDefault()?.Value;
            if (source is null)
                return [];

            if (method.Name == "ConvertAll" && method.ContainingType is { Name: "List" or "Array" })
                return Projection(invocation, source, isEager: true, limit, depth);

            if (!known.IsLinq(method.ContainingType))
                return method.Name is "ToArray" or "AsReadOnly" ? In(source, true, SequenceBound.Unknown, depth - 1) : [];

            switch (method.Name)
            {
                case "Select" or "Zip":
                    return Projection(invocation, source, isEager, limit, depth);
                case "ToDictionary" when invocation.Arguments.Length >= 3:
                    return [new(invocation, invocation.Arguments[2].Value, source, null, SequenceBounds.Of(source, known), true)];
                case "SelectMany":
                    return Flattened(invocation, source, isEager, limit, depth);
                case "Concat" or "Union":
                    return In(source, isEager, limit, depth - 1).Concat(In(invocation.Arguments[1].Value, isEager, limit, depth - 1));
                case "Take" or "TakeLast":
                    return In(source, isEager, SequenceBounds.OfNumber(invocation.Arguments[1].Value, known).Min(limit), depth - 1);
                case "Chunk" or "Range" or "Repeat" or "Empty" or "GroupBy":
                    return [];
                default:
                    var copies = method.Name.StartsWith("To", StringComparison.Ordinal);
                    return In(source, isEager || copies, copies ? SequenceBound.Unknown : limit, depth - 1);
            }
        }

        private IEnumerable<TaskFanOut> Projection(IInvocationOperation invocation, IOperation source, bool isEager, SequenceBound limit, int depth)
        {
            // A projection of tasks awaits what others have started.
            if (SequenceType.ElementOf(source.Type).IsTaskOrValueTask(known) || SequenceType.ElementOf(AssignedValues.Unwrap(source).Type).IsTaskOrValueTask(known))
                return In(source, isEager, limit, depth - 1);

            var arguments = invocation.Arguments;
            return !arguments.IsEmpty && arguments[arguments.Length - 1].Value is var selector && IsDelegate(selector)
                ? [new(invocation, selector, source, null, SequenceBounds.Of(source, known).Min(limit), isEager)]
                : [];
        }

        private IEnumerable<TaskFanOut> Flattened(IInvocationOperation invocation, IOperation source, bool isEager, SequenceBound limit, int depth)
        {
            var selector = invocation.Arguments[invocation.Arguments.Length - 1].Value;
            if (invocation.Arguments.Length == 3)
                return [new(invocation, selector, source, null, limit, isEager)];

            return selector is IDelegateCreationOperation { Target: IAnonymousFunctionOperation lambda }
                ? TaskStart.Results(lambda).SelectMany(inner => In(inner, isEager, limit, depth - 1))
                    .Select(inner => new TaskFanOut(invocation, inner.Work, source, null, inner.Bound.Times(SequenceBounds.Of(source, known)).Min(limit), isEager))
                : [];
        }

        private IEnumerable<TaskFanOut> InLocal(ILocalReferenceOperation reference, bool isEager, SequenceBound limit, int depth)
        {
            var local = reference.Local;
            var root = AssignedValues.Root(reference);
            if (AssignedValues.Of(local, root) is not { } values)
                yield break;

            foreach (var value in values)
            {
                foreach (var found in In(value, isEager, limit, depth - 1))
                    yield return found;
            }

            foreach (var mention in AssignedValues.References(local, root))
            {
                switch (mention.Parent)
                {
                    case IInvocationOperation call when call.Instance == mention && Mentions.Contains(call.TargetMethod.Name) && call.Arguments.Length > 0:
                        var added = call.Arguments[call.Arguments.Length - 1].Value;
                        if (call.TargetMethod.Name == "AddRange")
                        {
                            foreach (var found in In(added, true, SequenceBound.Unknown, depth - 1))
                                yield return found;
                        }
                        else if (Filled(call, added, local) is { } fill)
                        {
                            yield return fill;
                        }

                        break;
                    case IArrayElementReferenceOperation { Parent: ISimpleAssignmentOperation assignment } element when assignment.Target == element && element.ArrayReference == mention:
                        if (Filled(assignment, assignment.Value, local) is { } filledArray)
                            yield return filledArray;
                        break;
                    case IPropertyReferenceOperation { Property.IsIndexer: true, Parent: ISimpleAssignmentOperation assignment } element when assignment.Target == element && element.Instance == mention:
                        if (Filled(assignment, assignment.Value, local) is { } filled)
                            yield return filled;
                        break;
                }
            }
        }

        /// <summary>A task stored in a loop that neither makes the collection nor takes tasks out of it.</summary>
        private TaskFanOut? Filled(IOperation store, IOperation task, ILocalSymbol tasks)
        {
            ILoopOperation? innermost = null, outermost = null;
            var bound = SequenceBound.Constant(1);
            var declaration = tasks.Locations[0].SourceSpan;
            for (var current = store.Parent; current is not null; current = current.Parent)
            {
                if (current is ILoopOperation loop)
                {
                    if (loop.Syntax.Span.Contains(consumer.Syntax.Span) || loop.Syntax.Span.Contains(declaration))
                        break;

                    innermost ??= loop;
                    outermost = loop;
                    bound = bound.Times(SequenceBounds.OfTurns(loop, known));
                }
                else if (current is IAnonymousFunctionOperation lambda)
                {
                    // list.ForEach(x => tasks.Add(F(x))) is a loop as well.
                    if (lambda is not { Parent: IDelegateCreationOperation { Parent: IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { Name: "ForEach", ContainingType.Name: "List" or "Array" or "Parallel" } } each } } }
                        || (each.Instance ?? each.Arguments[0].Value) is not { } source || each.Syntax.Span.Contains(declaration))
                    {
                        break;
                    }

                    return new(store, Followed(task), source, null, SequenceBounds.Of(source, known), true);
                }
            }

            if (innermost is null || outermost is null || IsWindow(outermost, tasks) || IsAwaitedInLoop(task, innermost))
                return null;

            return new(store, Followed(task), innermost is IForEachLoopOperation { Collection: var collection } ? collection : null, innermost, bound, true);
        }

        // Any other mention in the loop takes tasks out, counts or awaits them: a window or a batch.
        private static bool IsWindow(ILoopOperation loop, ILocalSymbol tasks) => AssignedValues.References(tasks, loop).Any(static mention => mention.Parent switch
        {
            IInvocationOperation call => call.Instance != mention || !Mentions.Contains(call.TargetMethod.Name),
            IArrayElementReferenceOperation { Parent: ISimpleAssignmentOperation } => false,
            IPropertyReferenceOperation { Property.IsIndexer: true, Parent: ISimpleAssignmentOperation } => false,
            IPropertyReferenceOperation { Property.Name: "Length" or "Count" } size => !IsLoopCondition(size),
            _ => true,
        });

        private static bool IsLoopCondition(IOperation operation)
        {
            for (IOperation child = operation, parent = operation.Parent!; parent is not null; child = parent, parent = parent.Parent!)
            {
                if (parent is ILoopOperation)
                    return parent is IForLoopOperation loop && loop.Condition == child;
            }

            return false;
        }

        private static bool IsAwaitedInLoop(IOperation task, ILoopOperation loop) =>
            AssignedValues.Unwrap(task) is ILocalReferenceOperation { Local: var local }
            && AssignedValues.References(local, loop).Any(static mention => mention.Parent is IAwaitOperation or IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Parent: IAwaitOperation });

        private static IOperation Followed(IOperation task) =>
            AssignedValues.Unwrap(task) is ILocalReferenceOperation local && AssignedValues.Single(local.Local, AssignedValues.Root(local)) is { } value ? value : task;

        private static bool IsDelegate(IOperation operation) => operation.Type is { TypeKind: TypeKind.Delegate };
    }
}
