namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Queries that Entity Framework runs: LINQ's operators over what comes from one of its sets.</summary>
internal static class DatabaseQuery
{
    private static readonly ImmutableHashSet<string> Executing =
        ["All", "Any", "Average", "Contains", "Count", "First", "FirstOrDefault", "Last", "LastOrDefault", "LongCount", "Max", "Min", "Single", "SingleOrDefault", "Sum", "ToArray", "ToDictionary", "ToHashSet", "ToList"];

    /// <summary>Whether the call runs a query against the database.</summary>
    public static bool IsRunBy(IInvocationOperation call, KnownSymbols known) =>
        known.DbContext is not null
        && Executing.Contains(call.TargetMethod.Name)
        && call.TargetMethod is { IsExtensionMethod: true, ContainingType: { Name: "Queryable" or "Enumerable", ContainingNamespace.Name: "Linq" } }
        && call.Arguments is [{ Value: var source }, ..]
        && IsFromSet(source, known);

    /// <summary>A type of Entity Framework.</summary>
    public static bool IsOfEntityFramework(INamedTypeSymbol type) =>
        type.ContainingNamespace is { Name: "EntityFrameworkCore", ContainingNamespace.Name: "Microsoft" };

    private static bool IsFromSet(IOperation source, KnownSymbols known)
    {
        while (true)
        {
            source = AssignedValues.Unwrap(source);
            if (source.Type is not INamedTypeSymbol type)
                return false;

            if (type.Name == "DbSet" && IsOfEntityFramework(type))
                return true;

            if (!type.OriginalDefinition.AllInterfaces.Contains(known.Queryable!, SymbolEqualityComparer.Default))
                return false;

            switch (source)
            {
                case ILocalReferenceOperation local when AssignedValues.Single(local.Local, AssignedValues.Root(local)) is { } value:
                    source = value;
                    break;
                case IInvocationOperation { TargetMethod.IsExtensionMethod: true, Arguments: [{ Value: var inner }, ..] }:
                    source = inner;
                    break;
                default:
                    return false;
            }
        }
    }
}
