namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What catch clauses take, and what they do with it.</summary>
internal static class CaughtExceptions
{
    private static readonly ImmutableHashSet<string> LogMethods =
        ["CaptureException", "Critical", "Debug", "Error", "Fatal", "Info", "Information", "Trace", "Verbose", "Warn", "Warning"];

    private static readonly ImmutableArray<string> LogPrefixes = ["Log", "Print", "Track", "Write"];

    /// <summary>A clause for every exception: a bare catch, Exception or SystemException.</summary>
    public static bool IsGeneral(ICatchClauseOperation clause, KnownSymbols known) =>
        clause.ExceptionType.SpecialType == SpecialType.System_Object
        || SymbolEqualityComparer.Default.Equals(clause.ExceptionType, known.Exception)
        || SymbolEqualityComparer.Default.Equals(clause.ExceptionType, known.SystemException);

    /// <summary>OperationCanceledException, or derived from it.</summary>
    public static bool IsCancellation(ITypeSymbol exception, KnownSymbols known)
    {
        for (ITypeSymbol? type = exception; type is not null; type = type.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(type, known.OperationCanceledException))
                return true;
        }

        return false;
    }

    /// <summary>
    /// The handler does nothing about the exception: it logs it at most, and goes on or returns something else, be it the
    /// exception's words. To throw, to hand the exception or the failure on, to look at a token: all that is handling.
    /// </summary>
    public static bool AreSwallowed(ICatchClauseOperation clause, KnownSymbols known)
    {
        var exception = clause.Locals.FirstOrDefault();
        foreach (var operation in OwnOperations.Of(clause.Handler, static inner => inner is not IInvocationOperation call || !IsLogging(call)))
        {
            switch (operation)
            {
                case IThrowOperation or IAnonymousFunctionOperation:
                case ISimpleAssignmentOperation { Target: IMemberReferenceOperation or IParameterReferenceOperation }:
                case ILocalReferenceOperation reference when SymbolEqualityComparer.Default.Equals(reference.Local, exception) && !IsReturnedMessage(reference, clause):
                case IMemberReferenceOperation or ILocalReferenceOperation or IParameterReferenceOperation when SymbolEqualityComparer.Default.Equals(operation.Type, known.CancellationToken):
                case IInvocationOperation call when !IsLogging(call) && !IsReturned(call, clause):
                    return false;
            }
        }

        return true;
    }

    /// <summary>Whether the call writes to a log, as far as its name or its type's tells.</summary>
    public static bool IsLogging(IInvocationOperation call)
    {
        var (name, type) = (call.TargetMethod.Name, call.TargetMethod.ContainingType?.Name ?? "");
        return LogMethods.Contains(name)
            || LogPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))
            || type is "Console" or "Debug" or "Trace"
            || type.Contains("Log");
    }

    // return Problem(exception.Message): of what kind it was is lost.
    private static bool IsReturnedMessage(ILocalReferenceOperation exception, ICatchClauseOperation clause) =>
        exception.Parent is IPropertyReferenceOperation { Property.Name: "Message" } && IsReturned(exception, clause);

    private static bool IsReturned(IOperation operation, ICatchClauseOperation clause)
    {
        for (var current = operation.Parent; current is not null && current != clause; current = current.Parent)
        {
            if (current is IReturnOperation)
                return true;
        }

        return false;
    }
}
