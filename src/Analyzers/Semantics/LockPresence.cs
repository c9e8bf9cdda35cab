using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Whether a body takes any lock at all, as far as names tell; found out once a body, so that those without are not searched again and again.</summary>
internal static class LockPresence
{
    private static readonly ConditionalWeakTable<IOperation, object> Bodies = new();
    private static readonly object Yes = new();
    private static readonly object No = new();

    public static bool In(IOperation root) => Bodies.GetValue(root, static one => Find(one) ? Yes : No) == Yes;

    private static bool Find(IOperation root)
    {
        foreach (var operation in root.Descendants())
        {
            // What doesn't bind may be anything.
            if (operation is ILockOperation or IInvalidOperation || (operation is IInvocationOperation { TargetMethod.Name: var name } && MayTake(name)))
                return true;
        }

        return false;
    }

    // Everything that counts as taking a lock anywhere is called so, and much else is.
    private static bool MayTake(string name) =>
        name.StartsWith("Enter", StringComparison.Ordinal) || name.StartsWith("TryEnter", StringComparison.Ordinal) || name.StartsWith("Wait", StringComparison.Ordinal)
        || name.StartsWith("Acquire", StringComparison.Ordinal) || name.StartsWith("Use", StringComparison.Ordinal) || name.StartsWith("Take", StringComparison.Ordinal)
        || name.IndexOf("Lock", StringComparison.Ordinal) >= 0;
}
