using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Whether only one thread at a time can be at an operation, as far as the code around it shows: behind a lock that is
/// known, or behind what is called like one.
/// </summary>
internal static class MutualExclusion
{
    private static readonly string[] LockNames = ["Lock", "Semaphore", "Mutex", "Monitor", "Critical", "Exclusive"];

    /// <summary>A lock is taken for the operation between it and the function or other operation around it.</summary>
    public static bool IsHeldAt(IOperation operation, IOperation within, KnownSymbols known)
    {
        if (!LockPresence.In(AssignedValues.Root(operation)))
            return false;

        for (IOperation child = operation, current = operation; current is not null && child != within; child = current, current = current.Parent!)
        {
            switch (current)
            {
                case ILockOperation locked when locked.Body == child:
                case IUsingOperation used when used.Body == child && Takes(used.Resources):
                case { Syntax: UsingStatementSyntax { Expression: { } resource, Statement: var body } } when body == child.Syntax && IsUnknownTake(resource, current.SemanticModel):
                case IConditionalOperation conditional when conditional.Condition != child && Takes(conditional.Condition):
                    return true;
                case IBlockOperation block when IsTakenBefore(block.Operations, child):
                    return true;
                case IAnonymousFunctionOperation when child != operation:
                    if (IsExclusive(HeldLocks.At(child, known)))
                        return true;
                    break;
            }
        }

        return IsExclusive(HeldLocks.At(operation, known));
    }

    /// <summary>Whether the method's name says that its callers hold a lock, or the runtime takes one for it.</summary>
    public static bool IsSaidOf(ISymbol member) =>
        member is IMethodSymbol method
        && (method.Name.EndsWith("Locked", StringComparison.Ordinal) || method.Name.EndsWith("UnderLock", StringComparison.Ordinal) || method.Name.EndsWith("NoLock", StringComparison.Ordinal) || method.Name.EndsWith("WithLock", StringComparison.Ordinal)
            || (method.MethodImplementationFlags & System.Reflection.MethodImplAttributes.Synchronized) != 0);

    /// <summary>Whether the call takes a lock of a kind that isn't known, or one of those that are.</summary>
    public static bool IsTake(IInvocationOperation call) =>
        IsNameOfTake(call.TargetMethod.Name)
        && IsLock(ReceiverOf(call)?.Type ?? call.TargetMethod.ContainingType)
        && (call.Instance is null || SemaphorePlaces.InitialCount(call.Instance, CancellationToken.None) is not > 1);

    private static bool IsNameOfTake(string name) =>
        name is "Enter" or "TryEnter" or "EnterScope" or "WaitOne" or "Wait" or "WaitAsync" or "Lock" or "LockAsync" or "EnterAsync" or "AcquireAsync" or "Acquire"
            or "EnterWriteLock" or "TryEnterWriteLock" or "EnterUpgradeableReadLock" or "TryEnterUpgradeableReadLock" or "AcquireWriterLock" or "WriterLock" or "WriterLockAsync" or "TakeAsync";

    // A lock of a library that isn't restored yet: using (_lock.WriterLock())
    private static bool IsUnknownTake(ExpressionSyntax resource, SemanticModel? model) =>
        resource is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name, Expression: var receiver } }
        && IsNameOfTake(name)
        && Array.Exists(LockNames, one => receiver.ToString().IndexOf(one, StringComparison.OrdinalIgnoreCase) >= 0)
        && model?.GetTypeInfo(resource).Type is null or IErrorTypeSymbol;

    private static bool IsExclusive(HeldLock? held) => held?.IsExclusive(CancellationToken.None) == true;

    private static bool IsRelease(IInvocationOperation call) =>
        call.TargetMethod.Name is "Exit" or "Release" or "ReleaseMutex" or "ExitWriteLock" or "ExitUpgradeableReadLock" or "ReleaseWriterLock" or "Dispose"
        && IsLock(ReceiverOf(call)?.Type ?? call.TargetMethod.ContainingType);

    private static IOperation? ReceiverOf(IInvocationOperation call) =>
        call.Instance ?? (call.TargetMethod.IsExtensionMethod ? call.Arguments.FirstOrDefault()?.Value : null);

    private static bool IsLock(ITypeSymbol? type)
    {
        for (; type is { SpecialType: SpecialType.None }; type = type.BaseType)
        {
            if (Array.Exists(LockNames, name => type.Name.IndexOf(name, StringComparison.Ordinal) >= 0))
                return true;
        }

        return false;
    }

    private static bool IsTakenBefore(ImmutableArray<IOperation> statements, IOperation last)
    {
        var isHeld = false;
        foreach (var statement in statements)
        {
            if (statement == last)
                break;

            if (statement is IExpressionStatementOperation { Operation: IInvocationOperation call } && IsRelease(call))
                isHeld = false;
            else if (statement is ITryOperation { Finally: { } final } && OwnOperations.Of(final).Any(static one => one is IInvocationOperation inner && IsRelease(inner)))
                isHeld = false;
            else if (Takes(statement))
                isHeld = true;
        }

        return isHeld;
    }

    private static bool Takes(IOperation operation) =>
        operation is not (IUsingOperation or ILockOperation or ILoopOperation or ILocalFunctionOperation or ITryOperation)
        && OwnOperations.Of(operation).Any(static one => one is IInvocationOperation call && IsTake(call));
}
