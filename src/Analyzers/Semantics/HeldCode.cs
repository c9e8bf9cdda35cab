using Microsoft.CodeAnalysis.CSharp;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// The code that runs while a lock is held, seen from what takes the lock: a lock statement, a using of a lock's scope, or
/// a call that takes a thread's lock by hand. Locks are rarer than what must not be done under them.
/// </summary>
internal static class HeldCode
{
    /// <summary>The kinds of operation that <see cref="Of"/> is to be asked about.</summary>
    public static readonly ImmutableArray<OperationKind> Kinds = [OperationKind.Lock, OperationKind.Using, OperationKind.UsingDeclaration, OperationKind.Invocation];

    /// <summary>The lock that the operation takes; null where it takes none, or one that isn't a thread's: semaphores also bound, or signal.</summary>
    public static HeldLock? TakenBy(IOperation operation, KnownSymbols known)
    {
        var taken = operation switch
        {
            ILockOperation locked => new HeldLock(LockKind.Monitor, AssignedValues.Unwrap(locked.LockedValue), locked.Syntax),
            IUsingOperation used => HeldLocks.ScopeOf(used.Resources, known),
            IUsingDeclarationOperation used => HeldLocks.ScopeOf(used.DeclarationGroup, known),
            IInvocationOperation { TargetMethod.Name: "Enter" or "EnterReadLock" or "EnterUpgradeableReadLock" or "EnterWriteLock", Parent: IExpressionStatementOperation { Parent: IBlockOperation } } call when LockCall.Of(call, known) is { Step: LockStep.Take } one =>
                new HeldLock(one.Kind, one.Lock, call.Syntax),
            _ => null,
        };
        return taken is { Kind: LockKind.Monitor or LockKind.Lock or LockKind.SpinLock or LockKind.WriteLock or LockKind.ReadLock or LockKind.UpgradeableLock } ? taken : null;
    }

    /// <summary>What runs under the lock that the operation takes, in order. What stands under a further lock is that lock's.</summary>
    public static IEnumerable<IOperation> Of(IOperation operation, HeldLock taken, KnownSymbols known)
    {
        switch (operation)
        {
            case ILockOperation locked:
                return Own(locked.Body, known);
            case IUsingOperation used:
                return Own(used.Body, known);
            case IUsingDeclarationOperation { Parent: IBlockOperation block }:
                return block.Operations.Where(one => one.Syntax.SpanStart > operation.Syntax.SpanStart).SelectMany(one => Own(one, known));
            case IInvocationOperation { Parent: IExpressionStatementOperation { Parent: IBlockOperation block } statement }:
                return UntilRelease(block, statement, taken, known);
            default:
                return [];
        }
    }

    /// <summary>Whether the operation is among what runs under a lock that its own function takes.</summary>
    public static bool Contains(IOperation operation, KnownSymbols known)
    {
        if (!LockPresence.In(AssignedValues.Root(operation)))
            return false;

        for (var current = operation.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current is ILockOperation or IUsingOperation && IsUnder(current))
                return true;

            if (current is IBlockOperation block && block.Operations.Any(earlier => earlier.Syntax.SpanStart < operation.Syntax.SpanStart && IsUnder(earlier is IExpressionStatementOperation { Operation: var call } ? call : earlier)))
                return true;
        }

        return false;

        bool IsUnder(IOperation taking) =>
            Kinds.Contains(taking.Kind) && TakenBy(taking, known) is { } taken && Of(taking, taken, known).Contains(operation);
    }

    private static IEnumerable<IOperation> UntilRelease(IBlockOperation block, IOperation statement, HeldLock taken, KnownSymbols known)
    {
        foreach (var following in block.Operations)
        {
            if (following.Syntax.SpanStart <= statement.Syntax.SpanStart)
                continue;

            foreach (var operation in Own(following, known))
            {
                if (LockCall.Of(operation, known) is { Step: LockStep.Release } release && release.Kind == taken.Kind && SyntaxFactory.AreEquivalent(release.Lock.Syntax, taken.Lock.Syntax))
                    yield break;

                yield return operation;
            }
        }
    }

    private static IEnumerable<IOperation> Own(IOperation code, KnownSymbols known) =>
        OwnOperations.Of(code, inner => inner is not (ILockOperation or INameOfOperation) && !(inner is IUsingOperation used && HeldLocks.ScopeOf(used.Resources, known) is not null));
}
