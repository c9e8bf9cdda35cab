using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Where a CancellationToken that is in scope is to be passed, and where not.</summary>
internal static class TokenScope
{
    /// <summary>The token in scope, as the code writes it; null where what is done has to be done although it is cancelled.</summary>
    public static string? TokenFor(SyntaxNode place, SemanticModel model, KnownSymbols known) =>
        CleanUpCode.Contains(place) ? null : ValueInScope.CancellationToken(model, place.SpanStart, known);

    /// <summary>The token that CONC603 would ask for at this place, as the code writes it.</summary>
    public static string? TokenAt(SyntaxNode place, SemanticModel model, CancellationToken cancellationToken) =>
        !CleanUpCode.Contains(place)
        && model.GetOperation(place, cancellationToken) is { } operation && model.GetEnclosingSymbol(place.SpanStart, cancellationToken) is { } symbol
            ? TokenInScope.For(operation, symbol, KnownSymbols.Of(model.Compilation))
            : null;
}
