using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Where a CancellationToken that is in scope is not to be passed.</summary>
internal static class TokenScope
{
    /// <summary>Clean-up must run to its end although the token is cancelled.</summary>
    public static bool IsCleanUp(SyntaxNode node) => CleanUpCode.Contains(node);
}
