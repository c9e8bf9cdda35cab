namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Whether two operations name the same variable, constant or chain of members.</summary>
internal static class SameVariable
{
    public static bool Is(IOperation? one, IOperation? other)
    {
        one = AssignedValues.UnwrapOrNull(one);
        other = AssignedValues.UnwrapOrNull(other);
        return (one, other) switch
        {
            (null, null) => true,
            (null, _) or (_, null) => false,
            ({ ConstantValue: { HasValue: true, Value: var left } }, { ConstantValue: { HasValue: true, Value: var right } }) => Equals(left, right),
            (ILocalReferenceOperation left, ILocalReferenceOperation right) => SymbolEqualityComparer.Default.Equals(left.Local, right.Local),
            (IParameterReferenceOperation left, IParameterReferenceOperation right) => SymbolEqualityComparer.Default.Equals(left.Parameter, right.Parameter),
            (IInstanceReferenceOperation, IInstanceReferenceOperation) => true,
            (IFieldReferenceOperation left, IFieldReferenceOperation right) => SymbolEqualityComparer.Default.Equals(left.Field, right.Field) && Is(left.Instance, right.Instance),
            (IPropertyReferenceOperation { Arguments.IsEmpty: true } left, IPropertyReferenceOperation { Arguments.IsEmpty: true } right) => SymbolEqualityComparer.Default.Equals(left.Property, right.Property) && Is(left.Instance, right.Instance),
            _ => one.Syntax.IsEquivalentTo(other.Syntax, topLevel: false) && one.Kind == other.Kind,
        };
    }
}
