namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Follows a local to the values it is given, wherever in its member that happens.</summary>
internal static class AssignedValues
{
    /// <summary>The whole body that the operation belongs to, functions around it included.</summary>
    public static IOperation Root(IOperation operation)
    {
        while (operation.Parent is { } parent)
            operation = parent;

        return operation;
    }

    /// <summary>The operation without the conversions and parentheses around it.</summary>
    public static IOperation Unwrap(IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation { OperatorMethod: null } conversion:
                    operation = conversion.Operand;
                    break;
                case IParenthesizedOperation parenthesized:
                    operation = parenthesized.Operand;
                    break;
                case ITranslatedQueryOperation query:
                    operation = query.Operation;
                    break;
                default:
                    return operation;
            }
        }
    }

    public static IOperation? UnwrapOrNull(IOperation? operation) => operation is null ? null : Unwrap(operation);

    /// <summary>Every mention of the local in the body.</summary>
    public static IEnumerable<ILocalReferenceOperation> References(ILocalSymbol local, IOperation root) =>
        root.Descendants().OfType<ILocalReferenceOperation>().Where(reference => SymbolEqualityComparer.Default.Equals(reference.Local, local));

    /// <summary>
    /// The values that the local is initialised with and assigned; null where it gets one in a way that can't be
    /// followed (a loop's or pattern's variable, out, ref, deconstruction, <c>+=</c>).
    /// </summary>
    public static List<IOperation>? Of(ILocalSymbol local, IOperation root)
    {
        var values = new List<IOperation>();
        foreach (var operation in root.Descendants())
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation declarator when SymbolEqualityComparer.Default.Equals(declarator.Symbol, local):
                    if (declarator.GetVariableInitializer()?.Value is { } initial)
                        values.Add(initial);
                    else if (declarator.Parent is not IVariableDeclarationOperation)
                        return null;
                    break;
                case ILocalReferenceOperation reference when SymbolEqualityComparer.Default.Equals(reference.Local, local):
                    if (reference.Parent is ISimpleAssignmentOperation assignment && assignment.Target == reference)
                        values.Add(assignment.Value);
                    else if (reference.IsDeclaration || IsWrittenOtherwise(reference))
                        return null;
                    break;
            }
        }

        return values;
    }

    /// <summary>The one value that the local ever has; null where there is none, or more than one.</summary>
    public static IOperation? Single(ILocalSymbol local, IOperation root) =>
        Of(local, root) is [var value] ? Unwrap(value) : null;

    private static bool IsWrittenOtherwise(ILocalReferenceOperation reference) => reference.Parent switch
    {
        ICompoundAssignmentOperation compound => compound.Target == reference,
        ICoalesceAssignmentOperation coalesce => coalesce.Target == reference,
        IIncrementOrDecrementOperation => true,
        ITupleOperation tuple => tuple.Parent is IDeconstructionAssignmentOperation,
        IArgumentOperation argument => argument.Parameter is { RefKind: RefKind.Ref or RefKind.Out },
        _ => false,
    };
}
