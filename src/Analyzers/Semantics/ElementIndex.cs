namespace ConcurrencyAnalyzers.Semantics;

/// <summary>An index of an array.</summary>
internal static class ElementIndex
{
    /// <summary>
    /// Whether several runs come to the same index by what they make it of: what is looked up (<c>counts[data[i]]</c>), and
    /// parts of a number (<c>sums[i % 8]</c>).
    /// </summary>
    public static bool IsManyToOne(IOperation index)
    {
        index = AssignedValues.Unwrap(index);
        if (index is ILocalReferenceOperation local)
            index = AssignedValues.Single(local.Local, AssignedValues.Root(local)) ?? index;

        return index is IArrayElementReferenceOperation or IPropertyReferenceOperation { Property.IsIndexer: true }
            or IBinaryOperation { OperatorKind: BinaryOperatorKind.Remainder or BinaryOperatorKind.And or BinaryOperatorKind.RightShift or BinaryOperatorKind.Divide };
    }
}
