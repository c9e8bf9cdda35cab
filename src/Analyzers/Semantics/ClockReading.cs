namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What a reading of a clock looks like, and the points in time that are set off against it.</summary>
internal static class ClockReading
{
    /// <summary>The variable that the reading is stored in, where that can be told at once.</summary>
    public static ISymbol? VariableOf(IOperation read)
    {
        // UtcNow.ToUnixTimeSeconds(), Now.Ticks
        while (read.Parent is IInvocationOperation call && call.Instance == read || read.Parent is IPropertyReferenceOperation property && property.Instance == read)
            read = read.Parent;

        return read.Parent switch
        {
            IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => declarator.Symbol,
            ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } => target.Local,
            ISimpleAssignmentOperation { Target: IFieldReferenceOperation target } => target.Field.OriginalDefinition,
            IBinaryOperation { LeftOperand: ILocalReferenceOperation operand } => operand.Local,
            IBinaryOperation { RightOperand: ILocalReferenceOperation operand } => operand.Local,
            IBinaryOperation { LeftOperand: IFieldReferenceOperation operand } => operand.Field.OriginalDefinition,
            IBinaryOperation { RightOperand: IFieldReferenceOperation operand } => operand.Field.OriginalDefinition,
            _ => null,
        };
    }

    /// <summary>The two points in time that are subtracted or compared.</summary>
    public static (IOperation Left, IOperation Right)? Operands(IOperation measure) => measure switch
    {
        IBinaryOperation binary => (binary.LeftOperand, binary.RightOperand),
        IInvocationOperation { Instance: { } instance, Arguments: [{ Value: var argument }] } => (instance, argument),
        _ => null,
    };

    /// <summary>A property that tells the time of day, or a count of milliseconds that wraps around.</summary>
    public static bool IsClock(IPropertyReferenceOperation reference, KnownSymbols known)
    {
        var property = reference.Property;
        return property.IsStatic && property.Name switch
        {
            "Now" or "UtcNow" => IsPointInTime(property.ContainingType, known),
            "TickCount" => Is(property.ContainingType, known.Environment),
            _ => false,
        };
    }

    public static bool IsPointInTime(ITypeSymbol? type, KnownSymbols known) =>
        type is { SpecialType: SpecialType.System_DateTime } || Is(type, known.DateTimeOffset);

    /// <summary>No reading: a default, a constant, the ends of time.</summary>
    public static bool IsOtherValue(IOperation value) => value switch
    {
        IDefaultValueOperation => true,
        IObjectCreationOperation { Arguments.IsEmpty: true, Initializer: null } => true,
        IObjectCreationOperation { Arguments: [{ Value.ConstantValue: { HasValue: true, Value: 0 or 0L } }] } => true,
        IConversionOperation conversion => IsOtherValue(conversion.Operand),
        IFieldReferenceOperation { Field: { IsStatic: true, IsReadOnly: true, Name: "MinValue" or "MaxValue" or "UnixEpoch" } } => true,
        { ConstantValue.HasValue: true } => true,
        _ => false,
    };

    public static bool Is(ITypeSymbol? type, INamedTypeSymbol? known) =>
        known is not null && SymbolEqualityComparer.Default.Equals(type, known);
}
