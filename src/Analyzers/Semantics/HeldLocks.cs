namespace ConcurrencyAnalyzers.Semantics;

/// <summary>A lock that is held where an operation runs.</summary>
internal sealed record HeldLock(LockKind Kind, IOperation Lock, SyntaxNode TakenBy)
{
    /// <summary>The field, local, parameter or property that holds the lock; null for any other expression.</summary>
    public ISymbol? Symbol => Lock switch
    {
        IFieldReferenceOperation reference => reference.Field,
        IPropertyReferenceOperation property => property.Property,
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        _ => null,
    };

    public string Name => Lock.Syntax.ToString();

    /// <summary>Nobody else can be behind the lock at the same time: no reader's lock, and no semaphore with several places.</summary>
    public bool IsExclusive(CancellationToken cancellationToken) => Kind switch
    {
        LockKind.ReadLock or LockKind.UpgradeableLock => false,
        LockKind.Semaphore => SemaphorePlaces.InitialCount(Lock, cancellationToken) is null or 1,
        _ => true,
    };
}

/// <summary>
/// Whether a lock is held where an operation runs, and which: inside <c>lock</c>, inside a using of a lock's scope, or
/// behind a statement that takes a lock by hand and before the one that gives it back.
/// </summary>
internal static class HeldLocks
{
    /// <summary>The innermost lock, as the code's structure tells; it costs about a walk over the statements before. Null where none is held.</summary>
    public static HeldLock? At(IOperation operation, KnownSymbols known)
    {
        TaskPath? paths = null;
        var inner = operation;
        for (var current = operation.Parent; current is not null; inner = current, current = current.Parent)
        {
            switch (current)
            {
                case IAnonymousFunctionOperation or ILocalFunctionOperation:
                    return null;
                case ILockOperation locked when locked.Body == inner:
                    return new HeldLock(LockKind.Monitor, AssignedValues.Unwrap(locked.LockedValue), locked.Syntax);
                case IUsingOperation used when used.Body == inner && ScopeOf(used.Resources, known) is { } scope:
                    return scope;
                case IConditionalOperation conditional when conditional.WhenTrue == inner && TakeIn(conditional.Condition, known) is { Step: LockStep.TryTake } tried
                    && !IsReleasedBefore(operation, tried, inner, known, paths ??= new TaskPath(known)):
                    return Held(tried);
                case IBlockOperation or ISwitchCaseOperation:
                    if (TakenBefore(current is IBlockOperation block ? block.Operations : ((ISwitchCaseOperation)current).Body, inner, known, ref paths) is { } held)
                        return held;
                    break;
            }
        }

        return null;
    }

    /// <summary>The lock that the operation takes for the length of a using; null where it is none.</summary>
    public static HeldLock? ScopeOf(IOperation resources, KnownSymbols known)
    {
        var value = resources switch
        {
            IVariableDeclarationGroupOperation { Declarations: [{ Declarators: [var declarator, ..] }, ..] } => declarator.GetVariableInitializer()?.Value,
            _ => resources,
        };
        value = AssignedValues.UnwrapOrNull(value);
        while (true)
        {
            switch (value)
            {
                case IAwaitOperation awaited:
                    value = AssignedValues.Unwrap(awaited.Operation);
                    break;
                case IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } configured }:
                    value = AssignedValues.Unwrap(configured);
                    break;
                case IInvocationOperation { Instance: { } target } call when SymbolEqualityComparer.Default.Equals(target.Type, known.Lock) && call.TargetMethod.Name == "EnterScope":
                    return new HeldLock(LockKind.Lock, AssignedValues.Unwrap(target), call.Syntax);
                case IInvocationOperation call:
                    return ScopeOfLibrary(call);
                default:
                    return null;
            }
        }
    }

    // using (await _mutex.LockAsync()), using (_lock.ReadLock()), using var _ = await _semaphore.EnterAsync()
    private static HeldLock? ScopeOfLibrary(IInvocationOperation call)
    {
        var target = call.Instance ?? (call.TargetMethod.IsExtensionMethod ? call.Arguments.FirstOrDefault()?.Value : null);
        if (target?.Type is not { } type)
            return null;

        var name = call.TargetMethod.Name;
        var isLock = name is "Lock" or "LockAsync" or "AcquireLock" or "AcquireLockAsync" or "WriteLock" or "WriteLockAsync" or "WriterLock" or "WriterLockAsync" or "EnterWriteLock"
            || ((name.StartsWith("Enter", StringComparison.Ordinal) || name.StartsWith("Wait", StringComparison.Ordinal) || name.StartsWith("Use", StringComparison.Ordinal) || name.StartsWith("Acquire", StringComparison.Ordinal))
                && (type.Name.EndsWith("Lock", StringComparison.Ordinal) || type.Name.EndsWith("Mutex", StringComparison.Ordinal) || type.Name.StartsWith("Semaphore", StringComparison.Ordinal) || type.Name == "AsyncSemaphore"));
        var isReader = name is "ReadLock" or "ReadLockAsync" or "ReaderLock" or "ReaderLockAsync";
        return isLock || isReader ? new HeldLock(isReader ? LockKind.ReadLock : type.Name.Contains("Semaphore") ? LockKind.Semaphore : LockKind.Scope, AssignedValues.Unwrap(target), call.Syntax) : null;
    }

    // Backwards over the statements of the block: a lock that one takes, and none behind it gives back.
    private static HeldLock? TakenBefore(ImmutableArray<IOperation> statements, IOperation statement, KnownSymbols known, ref TaskPath? paths)
    {
        HashSet<string>? released = null;
        for (var i = statements.IndexOf(statement) - 1; i >= 0; i--)
        {
            var before = statements[i];
            if (before is ILocalFunctionOperation)
                continue;

            if (before is IUsingDeclarationOperation used && ScopeOf(used.DeclarationGroup, known) is { } scope)
                return scope;

            if (TakenBy(before, known) is { } taken && released?.Contains(NameOf(taken, paths ??= new TaskPath(known))) != true)
                return Held(taken);

            foreach (var call in OwnOperations.Of(before))
            {
                if (LockCall.Of(call, known) is { Step: LockStep.Release } release)
                    (released ??= new HashSet<string>(StringComparer.Ordinal)).Add(NameOf(release, paths ??= new TaskPath(known)));
            }
        }

        return null;
    }

    // `sem.Wait();`, `await sem.WaitAsync();`, `if (!sem.Wait(0)) return;`
    private static LockCall? TakenBy(IOperation statement, KnownSymbols known) => statement switch
    {
        IExpressionStatementOperation expression => TakeIn(expression.Operation, known) is { Step: LockStep.Take } taken ? taken : null,
        IConditionalOperation { Condition: IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, Operand: var tried }, WhenFalse: null } conditional when Leaves(conditional.WhenTrue) =>
            TakeIn(tried, known) is { Step: LockStep.TryTake } taken ? taken : null,
        _ => null,
    };

    private static LockCall? TakeIn(IOperation operation, KnownSymbols known)
    {
        var value = AssignedValues.Unwrap(operation);
        while (true)
        {
            switch (value)
            {
                case IAwaitOperation awaited:
                    value = AssignedValues.Unwrap(awaited.Operation);
                    break;
                case IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } configured }:
                    value = AssignedValues.Unwrap(configured);
                    break;
                default:
                    return LockCall.Of(value, known) is { Step: not LockStep.Release } taken ? taken : null;
            }
        }
    }

    private static bool Leaves(IOperation? branch) => branch switch
    {
        IBlockOperation { Operations: [.., var last] } => Leaves(last),
        IReturnOperation or IBranchOperation or IThrowOperation => true,
        IExpressionStatementOperation { Operation: IThrowOperation } => true,
        _ => false,
    };

    private static bool IsReleasedBefore(IOperation operation, LockCall taken, IOperation branch, KnownSymbols known, TaskPath paths)
    {
        var name = NameOf(taken, paths);
        return OwnOperations.Of(branch).Any(one => one.Syntax.Span.End <= operation.Syntax.SpanStart && LockCall.Of(one, known) is { Step: LockStep.Release } release && NameOf(release, paths) == name);
    }

    private static HeldLock Held(LockCall taken) => new(taken.Kind, taken.Lock, taken.Call.Syntax);

    private static string NameOf(LockCall call, TaskPath paths) => paths.Of(call.Lock) ?? call.Lock.Syntax.ToString();
}
