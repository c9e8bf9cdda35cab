namespace ConcurrencyAnalyzers.Semantics;

internal static class SequenceType
{
    /// <summary>What an array or a sequence of one type argument is of; null for anything else.</summary>
    public static ITypeSymbol? ElementOf(ITypeSymbol? sequence) => sequence switch
    {
        IArrayTypeSymbol array => array.ElementType,
        INamedTypeSymbol { TypeArguments: [var element] } => element,
        _ => null,
    };
}
