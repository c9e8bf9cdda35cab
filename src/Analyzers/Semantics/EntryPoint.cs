namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The entry point of a program, which runs once and ends with the process.</summary>
internal static class EntryPoint
{
    /// <summary>Main, or top-level statements.</summary>
    public static bool Is(ISymbol symbol) =>
        symbol is IMethodSymbol { IsStatic: true, Name: WellKnownMemberNames.EntryPointMethodName or WellKnownMemberNames.TopLevelStatementsEntryPointMethodName };

    /// <summary>Whether the operation is in the entry point itself, and not in a lambda or local function there.</summary>
    public static bool IsFunctionOf(IOperation operation, ISymbol containingSymbol) =>
        AsyncContext.InnermostFunction(operation, containingSymbol) is { } function && Is(function);
}
