using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Where a CancellationToken that is in scope is to be passed, and where not.</summary>
internal static class TokenScope
{
    /// <summary>Clean-up, and what handles an exception that may be the cancellation, must run to its end although the token is cancelled.</summary>
    public static bool IsCleanUp(SyntaxNode node) => CleanUpCode.Contains(node) || CleanUpCode.IsAfterCancellation(node);

    /// <summary>The token that CONC603 would ask for at this place, as the code writes it.</summary>
    public static string? TokenAt(SyntaxNode place, SemanticModel model, CancellationToken cancellationToken) =>
        !IsCleanUp(place)
        && model.GetOperation(place, cancellationToken) is { } operation && model.GetEnclosingSymbol(place.SpanStart, cancellationToken) is { } symbol
            ? TokenInScope.For(operation, symbol, KnownSymbols.Of(model.Compilation))
            : null;
}
