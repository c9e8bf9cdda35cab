namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What kind of lock it is, as far as that matters: who may give it back, and who else may hold it meanwhile.</summary>
internal enum LockKind
{
    Monitor,
    Lock,
    SpinLock,
    Mutex,
    ReadLock,
    UpgradeableLock,
    WriteLock,
    Semaphore,

    /// <summary>A lock of a library, held for the length of a using.</summary>
    Scope,
}

/// <summary>What a call does to a lock.</summary>
internal enum LockStep
{
    Take,

    /// <summary>Takes it or doesn't, which its result or a flag tells.</summary>
    TryTake,
    Release,
}

/// <summary>A call that takes a lock or gives it back.</summary>
internal sealed record LockCall(IInvocationOperation Call, IOperation Lock, LockKind Kind, LockStep Step)
{
    /// <summary>The local that a <c>ref</c> argument sets to whether the lock was taken.</summary>
    public ILocalSymbol? Flag => Call.Arguments.FirstOrDefault(static argument => argument.Parameter is { RefKind: RefKind.Ref, Type.SpecialType: SpecialType.System_Boolean })?.Value is ILocalReferenceOperation { Local: var flag } ? flag : null;

    /// <summary>Only the thread that took the lock can give it back.</summary>
    public bool IsThreadAffine => Kind is not LockKind.Semaphore;

    /// <summary>The call with the <c>ConfigureAwait</c> and <c>await</c> around it.</summary>
    public IOperation Whole => WholeOf(Call);

    public static LockCall? Of(IOperation operation, KnownSymbols known)
    {
        if (operation is not IInvocationOperation call || StepOf(call.TargetMethod.Name) is not { } step)
            return null;

        var method = call.TargetMethod;
        var target = method.IsStatic ? call.Arguments.FirstOrDefault(static argument => argument.Parameter?.Ordinal == 0)?.Value : call.Instance;
        if (method.Name == "WaitAsync" && !IsAwaited(call))
            return null;

        if (target is null || KindOf(method.Name, method.IsStatic ? method.ContainingType : target.Type, known) is not { } kind)
            return null;

        // The overloads of Wait and WaitOne that give up after a time tell so by their result, which nobody may look at.
        var returnsBool = method.ReturnType.SpecialType == SpecialType.System_Boolean || method.ReturnType is INamedTypeSymbol { TypeArguments: [{ SpecialType: SpecialType.System_Boolean }] };
        if (step == LockStep.Take && returnsBool && !method.Parameters.IsEmpty)
            step = LockStep.TryTake;
        if (step == LockStep.TryTake && returnsBool && IsResultIgnored(call))
            step = LockStep.Take;

        return new LockCall(call, AssignedValues.Unwrap(target), kind, step);
    }

    public static IOperation WholeOf(IOperation call)
    {
        var whole = call;
        while (whole.Parent is IAwaitOperation or IParenthesizedOperation or IConversionOperation
            || (whole.Parent is IInvocationOperation { TargetMethod.Name: "ConfigureAwait" or "WaitAsync" } configured && configured.Instance == whole)
            || whole.Parent is IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "ConfigureAwait" } })
        {
            whole = whole.Parent is IArgumentOperation argument ? argument.Parent! : whole.Parent!;
        }

        return whole;
    }

    private static bool IsAwaited(IOperation call)
    {
        var whole = WholeOf(call);
        for (var current = call.Parent; current is not null && current != whole.Parent; current = current.Parent)
        {
            if (current is IAwaitOperation)
                return true;
        }

        return false;
    }

    private static bool IsResultIgnored(IInvocationOperation call) => WholeOf(call).Parent is IExpressionStatementOperation;

    private static LockStep? StepOf(string name) => name switch
    {
        "Enter" or "Wait" or "WaitAsync" or "WaitOne" or "EnterReadLock" or "EnterUpgradeableReadLock" or "EnterWriteLock" or "AcquireReaderLock" or "AcquireWriterLock" => LockStep.Take,
        "TryEnter" or "TryEnterReadLock" or "TryEnterUpgradeableReadLock" or "TryEnterWriteLock" => LockStep.TryTake,
        "Exit" or "Release" or "ReleaseMutex" or "ExitReadLock" or "ExitUpgradeableReadLock" or "ExitWriteLock" or "ReleaseReaderLock" or "ReleaseWriterLock" => LockStep.Release,
        _ => null,
    };

    private static LockKind? KindOf(string method, ITypeSymbol? type, KnownSymbols known) => method switch
    {
        "Enter" or "TryEnter" or "Exit" =>
            Is(type, known.Monitor) ? LockKind.Monitor
            : Is(type, known.Lock) ? LockKind.Lock
            : Is(type, known.SpinLock) ? LockKind.SpinLock
            : null,
        "Wait" or "WaitAsync" => Is(type, known.SemaphoreSlim) ? LockKind.Semaphore : null,
        "Release" => Is(type, known.SemaphoreSlim) || Is(type, known.Semaphore) ? LockKind.Semaphore : null,
        "WaitOne" => Is(type, known.Mutex) ? LockKind.Mutex : Is(type, known.Semaphore) ? LockKind.Semaphore : null,
        "ReleaseMutex" => Is(type, known.Mutex) ? LockKind.Mutex : null,
        "EnterReadLock" or "TryEnterReadLock" or "ExitReadLock" => Is(type, known.ReaderWriterLockSlim) ? LockKind.ReadLock : null,
        "EnterUpgradeableReadLock" or "TryEnterUpgradeableReadLock" or "ExitUpgradeableReadLock" => Is(type, known.ReaderWriterLockSlim) ? LockKind.UpgradeableLock : null,
        "EnterWriteLock" or "TryEnterWriteLock" or "ExitWriteLock" => Is(type, known.ReaderWriterLockSlim) ? LockKind.WriteLock : null,
        "AcquireReaderLock" or "ReleaseReaderLock" => Is(type, known.ReaderWriterLock) ? LockKind.ReadLock : null,
        "AcquireWriterLock" or "ReleaseWriterLock" => Is(type, known.ReaderWriterLock) ? LockKind.WriteLock : null,
        _ => null,
    };

    private static bool Is(ITypeSymbol? type, INamedTypeSymbol? known) => known is not null && SymbolEqualityComparer.Default.Equals(type, known);
}
