using Microsoft.CodeAnalysis.Text;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Code that can run at the same time as another copy of itself, as a sibling that was started with it, or as the code
/// that started it.
/// </summary>
internal sealed class ConcurrentRegion
{
    private ConcurrentRegion(IOperation start, IOperation code, TextSpan scope, string reason)
    {
        Start = start;
        Code = code;
        Scope = scope;
        Reason = reason;
    }

    /// <summary>The call that starts it.</summary>
    public IOperation Start { get; }

    /// <summary>A lambda, a reference to a method, or a call that starts the work.</summary>
    public IOperation Code { get; }

    /// <summary>What is declared within belongs to one copy alone.</summary>
    public TextSpan Scope { get; }

    /// <summary>Why it runs concurrently, for the message.</summary>
    public string Reason { get; }

    /// <summary>Whether several copies of it run at once.</summary>
    public bool HasCopies { get; private init; }

    /// <summary>Whether the copies begin one after the other, so that only what follows an await is concurrent.</summary>
    public bool BeginsInOrder { get; private init; }

    /// <summary>Code that runs beside it and is no copy of it.</summary>
    public ImmutableArray<IOperation> Siblings { get; private init; } = [];

    /// <summary>What the operation starts, where it is a call or a thread's creation that starts concurrent code.</summary>
    public static ImmutableArray<ConcurrentRegion> Of(IOperation operation, KnownSymbols known) => operation switch
    {
        IInvocationOperation invocation => OfCall(invocation, known),
        IObjectCreationOperation creation when Is(creation.Type, known.Thread) => OfStart(creation, creation.Arguments, "new Thread", known),
        _ => [],
    };

    private static ImmutableArray<ConcurrentRegion> OfCall(IInvocationOperation call, KnownSymbols known)
    {
        var method = call.TargetMethod;
        var type = method.ContainingType;
        switch (method.Name)
        {
            case "For" or "ForEach" or "ForAsync" or "ForEachAsync" when Is(type, known.Parallel):
                return IsOneAtATime(call) ? [] : Copies(call, $"'Parallel.{method.Name}' runs this code several times at once");
            case "AllAsync" or "SettleAsync" or "FirstAsync" when Is(type, known.Gather):
                return IsOneAtATime(call) ? [] : Copies(call, $"'Gather.{method.Name}' runs this code several times at once");
            case "Invoke" when Is(type, known.Parallel):
                return OfInvoke(call);
            case "WhenAll" or "WhenEach" when known.Task is { } task && TaskConsumers.IsWhenAllOrEach(call, task):
                return OfFanOut(call, known);
            case "Run" when Is(type, known.Task) || Is(type, known.TaskGroup):
            case "StartNew" when Is(type, known.TaskFactory) || Is(type, known.TaskFactoryOfT):
            case "QueueUserWorkItem" or "UnsafeQueueUserWorkItem" when Is(type, known.ThreadPool):
            case "Start" when Is(type, known.TaskGroup):
                return OfStart(call, call.Arguments, $"{type.Name}.{method.Name}", known);
            case "RunAsync" or "Post" when (Is(type, known.AsyncExecutor) || Is(type, known.ThreadExecutor)) && call.Instance is { } executor && SemaphorePlaces.InitialCount(executor, CancellationToken.None) != 1:
                return OfStart(call, call.Arguments, $"{type.Name}.{method.Name}", known);
            case "Aggregate":
                return [];
            default:
                return type?.Name == "ParallelEnumerable" && Is(type, known.ParallelLinq) ? Copies(call, $"PLINQ's '{method.Name}' runs this code for several elements at once") : [];
        }
    }

    private static ImmutableArray<ConcurrentRegion> Copies(IInvocationOperation call, string reason)
    {
        var regions = ImmutableArray<ConcurrentRegion>.Empty;
        foreach (var argument in call.Arguments)
        {
            if (CodeOf(argument.Value) is { } code)
                regions = regions.Add(new(call, code, code.Syntax.Span, reason) { HasCopies = true });
        }

        return regions;
    }

    // Each delegate runs once: they meet only where two of them use the same thing.
    private static ImmutableArray<ConcurrentRegion> OfInvoke(IInvocationOperation call)
    {
        var delegates = call.Arguments
            .SelectMany(static argument => argument.Value switch
            {
                IArrayCreationOperation { Initializer: { } initializer } => initializer.ElementValues,
                ICollectionExpressionOperation list => list.Elements,
                var value => [value],
            })
            .Select(CodeOf).OfType<IOperation>().ToImmutableArray();
        return delegates.Length < 2
            ? []
            : [.. delegates.Select(code => new ConcurrentRegion(call, code, code.Syntax.Span, "'Parallel.Invoke' runs other code that uses it at the same time") { Siblings = delegates.Remove(code) })];
    }

    private static ImmutableArray<ConcurrentRegion> OfFanOut(IInvocationOperation consumer, KnownSymbols known)
    {
        var regions = ImmutableArray<ConcurrentRegion>.Empty;
        foreach (var fanOut in TaskFanOut.Of(AssignedValues.Unwrap(consumer.Arguments[0].Value), consumer, known))
        {
            if (fanOut.Bound.Count is <= 1)
                continue;

            var code = CodeOf(fanOut.Work) ?? AssignedValues.Unwrap(fanOut.Work);
            if (code is not (IAnonymousFunctionOperation or IMethodReferenceOperation or IInvocationOperation) || StartsOnItsOwn(code, known))
                continue;

            if (fanOut.Loop is { } loop && StartedWorkOverlap.IsOneAtATime(loop, fanOut.Start, known))
                continue;

            regions = regions.Add(new(fanOut.Start, code, fanOut.Loop?.Syntax.Span ?? code.Syntax.Span, $"'Task.{consumer.TargetMethod.Name}' awaits several runs of this code at once")
            {
                HasCopies = true,
                BeginsInOrder = true,
            });
        }

        return regions;
    }

    private static ImmutableArray<ConcurrentRegion> OfStart(IOperation start, ImmutableArray<IArgumentOperation> arguments, string name, KnownSymbols known)
    {
        foreach (var argument in arguments)
        {
            if (CodeOf(argument.Value) is not { } code)
                continue;

            if (StartedWorkOverlap.LoopOfCopies(start, known) is { } loop)
                return [new(start, code, loop.Syntax.Span, $"'{name}' in a loop starts this code again and again") { HasCopies = true }];

            if (StartedWorkOverlap.Siblings(start) is { IsEmpty: false } siblings)
                return [new(start, code, code.Syntax.Span, "another task that uses it was started with it") { Siblings = siblings }];

            return StartedWorkOverlap.IsAwaitedAtOnce(start) ? [] : [new(start, code, code.Syntax.Span, $"the code that called '{name}' goes on and uses it at the same time")];
        }

        return [];
    }

    /// <summary>The lambda or method that the value is, also through a local that holds nothing else.</summary>
    private static IOperation? CodeOf(IOperation value)
    {
        value = AssignedValues.Unwrap(value);
        if (value is ILocalReferenceOperation { Type.TypeKind: TypeKind.Delegate } local)
            value = AssignedValues.Single(local.Local, AssignedValues.Root(local)) ?? value;

        return value is IDelegateCreationOperation { Target: IAnonymousFunctionOperation or IMethodReferenceOperation } creation ? creation.Target : null;
    }

    // Task.Run in a loop is a region itself.
    private static bool StartsOnItsOwn(IOperation code, KnownSymbols known) => code is IInvocationOperation call && !OfCall(call, known).IsEmpty;

    // MaxDegreeOfParallelism = 1, maxConcurrency: 1
    private static bool IsOneAtATime(IInvocationOperation call)
    {
        foreach (var argument in call.Arguments)
        {
            switch (argument.Parameter)
            {
                case { Name: "maxConcurrency" }:
                    return argument.Value.ConstantValue is { HasValue: true, Value: 1 };
                case { Type.Name: "ParallelOptions" }:
                    var options = AssignedValues.Unwrap(argument.Value);
                    if (options is ILocalReferenceOperation local)
                        options = AssignedValues.Single(local.Local, AssignedValues.Root(local)) ?? options;
                    return options is IObjectCreationOperation { Initializer: { } initializer }
                        && initializer.Initializers.Any(static one => one is ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property.Name: "MaxDegreeOfParallelism" }, Value.ConstantValue: { HasValue: true, Value: 1 } });
            }
        }

        return false;
    }

    private static bool Is(ITypeSymbol? type, INamedTypeSymbol? known) =>
        known is not null && SymbolEqualityComparer.Default.Equals(type?.OriginalDefinition, known);
}
