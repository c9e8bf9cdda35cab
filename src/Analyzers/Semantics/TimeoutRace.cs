using Microsoft.CodeAnalysis.CSharp;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// A timeout made of a race: <c>Task.WhenAny(task, Task.Delay(timeout))</c>. A delay that is itself the work (the pause
/// of a loop, a grace period after which the task is awaited all the same) is no timeout, and neither is one that is
/// cancelled afterwards or never ends.
/// </summary>
internal sealed class TimeoutRace
{
    private TimeoutRace(IInvocationOperation whenAny, IOperation task, IInvocationOperation delay, ILocalSymbol? delayLocal) =>
        (WhenAny, Task, Delay, DelayLocal) = (whenAny, task, delay, delayLocal);

    public IInvocationOperation WhenAny { get; }

    /// <summary>What is waited for.</summary>
    public IOperation Task { get; }

    /// <summary>The call of Task.Delay.</summary>
    public IInvocationOperation Delay { get; }

    /// <summary>The local that holds the delay, where one does.</summary>
    public ILocalSymbol? DelayLocal { get; }

    public static TimeoutRace? Of(IInvocationOperation whenAny, KnownSymbols known)
    {
        if (!CompletionValues.IsWhenAny(whenAny, known) || CompletionValues.Arguments(whenAny).Tasks is not [var first, var second])
            return null;

        return Of(whenAny, first, second, known) ?? Of(whenAny, second, first, known);
    }

    private static TimeoutRace? Of(IInvocationOperation whenAny, IOperation task, IOperation other, KnownSymbols known)
    {
        other = CompletionValues.Strip(other, known);
        var local = (other as ILocalReferenceOperation)?.Local;
        if (local is not null && AssignedValues.Single(local, AssignedValues.Root(whenAny)) is { } value)
            other = CompletionValues.Strip(value, known);

        return other is IInvocationOperation delay && IsDelay(delay, known) && !IsDelay(CompletionValues.Strip(task, known), known)
            && !NeverEnds(delay)
            && !IsCancelled(delay)
            && !IsWorkItself(whenAny, task, delay, local)
            ? new(whenAny, task, delay, local)
            : null;
    }

    /// <summary>What has the winner, or is done when there is one: the await of the race, with what is around it.</summary>
    public static IOperation Awaited(IInvocationOperation whenAny)
    {
        IOperation value = whenAny;
        while (value.Parent is IConversionOperation or IParenthesizedOperation or IAwaitOperation or IInvocationOperation { TargetMethod.Name: "ConfigureAwait" or "Unwrap" or "GetAwaiter" or "GetResult" or "Wait" }
            or IPropertyReferenceOperation { Property.Name: "Result" }
            || (value.Parent is IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "Unwrap" } }))
        {
            value = value.Parent is IArgumentOperation ? value.Parent.Parent! : value.Parent;
        }

        return value;
    }

    private static bool IsDelay(IOperation operation, KnownSymbols known) =>
        operation is IInvocationOperation { TargetMethod: { Name: "Delay", IsStatic: true } method } && method.ContainingType.IsTask(known);

    // Task.Delay(-1, token), Task.Delay(Timeout.InfiniteTimeSpan, token): the token's cancellation as a task.
    private static bool NeverEnds(IInvocationOperation delay) => delay.Arguments.Length > 0 && AssignedValues.Unwrap(delay.Arguments[0].Value) switch
    {
        { ConstantValue: { HasValue: true, Value: -1 } } => true,
        IFieldReferenceOperation { Field.Name: "InfiniteTimeSpan" or "Infinite" or "MaxValue" } => true,
        IInvocationOperation { Arguments: [{ Value.ConstantValue: { HasValue: true, Value: -1 or -1L or -1.0 } }, ..] } => true,
        _ => false,
    };

    // using var cts = …; WhenAny(task, Task.Delay(timeout, cts.Token)); cts.Cancel();
    private static bool IsCancelled(IInvocationOperation delay)
    {
        foreach (var argument in delay.Arguments)
        {
            if (argument.ArgumentKind == ArgumentKind.Explicit && argument.Parameter?.Type.Name == "CancellationToken" && IsCancelled(AssignedValues.Unwrap(argument.Value), AssignedValues.Root(delay)))
                return true;
        }

        return false;
    }

    private static bool IsCancelled(IOperation token, IOperation root)
    {
        if (token is ILocalReferenceOperation { Local: var local } && AssignedValues.Single(local, root) is { } value)
            token = value;

        return token is IPropertyReferenceOperation { Property.Name: "Token", Instance: { } source }
            && root.Descendants().Any(operation => operation is IInvocationOperation { TargetMethod.Name: "Cancel" or "CancelAsync", Instance: { } cancelled } && IsSame(cancelled, source));
    }

    private static bool IsWorkItself(IInvocationOperation whenAny, IOperation task, IInvocationOperation delay, ILocalSymbol? local)
    {
        var awaited = Awaited(whenAny);
        var isUnused = awaited.Parent is IExpressionStatementOperation;

        // Whoever is handed the winner knows what to do with it: an assertion, most of all.
        if (awaited.Parent is IArgumentOperation || (local is not null && IsUsedOtherwise(local, whenAny)))
            return true;

        for (var current = whenAny.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            // The pause of a loop, unless each turn has a task of its own.
            if (current is ILoopOperation loop && (isUnused || !loop.Syntax.Span.Contains(delay.Syntax.Span) || !IsStartedIn(loop, task)))
                return true;
        }

        return IsAwaitedAnyway(awaited, task);
    }

    private static bool IsUsedOtherwise(ILocalSymbol delay, IInvocationOperation whenAny)
    {
        foreach (var reference in AssignedValues.References(delay, AssignedValues.Root(whenAny)))
        {
            IOperation use = reference;
            while (use.Parent is IConversionOperation or IParenthesizedOperation)
                use = use.Parent;

            var isFine = whenAny.Syntax.Span.Contains(reference.Syntax.Span)
                || use.Parent is IBinaryOperation or IPropertyReferenceOperation
                || (use.Parent is ISimpleAssignmentOperation assignment && assignment.Target == use);
            if (!isFine)
                return true;
        }

        return false;
    }

    private static bool IsStartedIn(ILoopOperation loop, IOperation task) => AssignedValues.Unwrap(task) switch
    {
        IInvocationOperation => true,
        ILocalReferenceOperation { Local: var local } => local.DeclaringSyntaxReferences.FirstOrDefault() is { } declaration && loop.Syntax.Span.Contains(declaration.Span)
            && AssignedValues.Single(local, AssignedValues.Root(loop)) is IInvocationOperation,
        _ => false,
    };

    // `if (await Task.WhenAny(task, Task.Delay(500)) != task) ShowSpinner(); await task;`: no way leads around the await.
    private static bool IsAwaitedAnyway(IOperation awaited, IOperation task)
    {
        var statement = awaited;
        while (statement.Parent is not null and not IBlockOperation)
            statement = statement.Parent;

        if (statement.Parent is not IBlockOperation block)
            return false;

        var isAfter = false;
        foreach (var operation in block.Operations)
        {
            isAfter |= operation == statement;
            if (!isAfter)
                continue;

            if (operation != statement && operation.Descendants().Any(one => one is IAwaitOperation { Operation: var operand } && IsSame(CompletionValues.Strip(operand, KnownSymbols.Of(one.SemanticModel!.Compilation)), task)))
                return operation is IExpressionStatementOperation or IVariableDeclarationGroupOperation or IReturnOperation;

            if (operation.DescendantsAndSelf().Any(static one => one is IReturnOperation { IsImplicit: false } or IThrowOperation or IBranchOperation))
                return false;
        }

        return false;
    }

    private static bool IsSame(IOperation one, IOperation other) =>
        SyntaxFactory.AreEquivalent(AssignedValues.Unwrap(one).Syntax, AssignedValues.Unwrap(other).Syntax);
}
