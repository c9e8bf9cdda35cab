namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What is known of the limiter that a lease comes from.</summary>
internal readonly struct LimiterOfLease
{
    private LimiterOfLease(bool keepsPermits, bool neverRefuses) => (KeepsPermits, NeverRefuses) = (keepsPermits, neverRefuses);

    /// <summary>Whether a permit comes back only when its lease is disposed; the limiters of a rate replenish theirs.</summary>
    public bool KeepsPermits { get; }

    /// <summary>Whether its queue is endless, so that whoever waits gets a permit in the end.</summary>
    public bool NeverRefuses { get; }

    public static LimiterOfLease Of(IInvocationOperation acquisition, KnownSymbols known, CancellationToken cancellationToken)
    {
        var receiver = AssignedValues.UnwrapOrNull(acquisition.Instance);
        var creation = Creation(receiver, cancellationToken);
        var asksOnly = acquisition.Arguments.Any(static argument => argument.Parameter?.Name == "permitCount" && argument.Value.ConstantValue is { HasValue: true, Value: 0 });
        return new LimiterOfLease(
            !asksOnly && !Replenishes(receiver?.Type, known) && !Replenishes(creation?.Type, known),
            creation is not null && HasEndlessQueue(creation));
    }

    private static IObjectCreationOperation? Creation(IOperation? receiver, CancellationToken cancellationToken)
    {
        switch (receiver)
        {
            case ILocalReferenceOperation { Local: var local }:
                return AssignedValues.Single(local, AssignedValues.Root(receiver)) as IObjectCreationOperation;
            case IFieldReferenceOperation { Field: { IsReadOnly: true } field } when AssignedValues.Root(receiver).SemanticModel is { } model:
                var values = VariableMentions.Of(field.OriginalDefinition, model, cancellationToken)?
                    .Select(static mention => mention switch
                    {
                        ISymbolInitializerOperation initializer => initializer.Value,
                        { Parent: ISimpleAssignmentOperation assignment } when assignment.Target == mention => assignment.Value,
                        _ => null,
                    })
                    .Where(static value => value is not null)
                    .ToList();
                return values is [{ } value] ? AssignedValues.Unwrap(value) as IObjectCreationOperation : null;
            default:
                return null;
        }
    }

    private static bool Replenishes(ITypeSymbol? limiter, KnownSymbols known)
    {
        for (var type = limiter; type is not null; type = type.BaseType)
        {
            if (Is(type, known.ReplenishingRateLimiter) || Is(type, known.QueueingRateLimiter))
                return true;
        }

        return false;
    }

    private static bool HasEndlessQueue(IObjectCreationOperation creation) => creation.Descendants().Any(static operation =>
        operation is ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property.Name: "QueueLimit" }, Value.ConstantValue: { HasValue: true, Value: int.MaxValue } });

    private static bool Is(ITypeSymbol type, INamedTypeSymbol? known) => known is not null && SymbolEqualityComparer.Default.Equals(type, known);
}
