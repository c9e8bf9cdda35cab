namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Readings of a clock that are set off against each other and used for nothing else: the locals and private fields
/// that hold them, and the subtractions and comparisons that measure with them. A reading that is stored, shown, passed
/// on or compared with data is a point in time, and then the flow is impure.
/// </summary>
internal sealed class ClockFlow
{
    private readonly KnownSymbols _known;
    private readonly CancellationToken _cancellationToken;
    private readonly Queue<(ISymbol Variable, IOperation Body)> _pending = new();
    private readonly HashSet<ISymbol> _variables = new(SymbolEqualityComparer.Default);
    private readonly HashSet<IOperation> _reads = [];
    private readonly HashSet<IOperation> _measures = [];
    private SemanticModel? _model;
    private IOperation _body = null!;

    private ClockFlow(KnownSymbols known, CancellationToken cancellationToken) => (_known, _cancellationToken) = (known, cancellationToken);

    /// <summary>Whether the readings serve to measure, and nothing else.</summary>
    public bool IsPure { get; private set; } = true;

    /// <summary>Whether a span of time is added somewhere, or a reading is converted.</summary>
    public bool HasArithmetic { get; private set; }

    /// <summary>Whether a variable also has values that are no readings, such as <c>default</c>.</summary>
    public bool HasOtherValues { get; private set; }

    /// <summary>The locals and fields that hold readings.</summary>
    public IReadOnlyCollection<ISymbol> Variables => _variables;

    /// <summary>The accesses of the clock's property.</summary>
    public IReadOnlyCollection<IOperation> Reads => _reads;

    /// <summary>The subtractions and comparisons.</summary>
    public IReadOnlyCollection<IOperation> Measures => _measures;

    /// <summary>The flow that a reading belongs to.</summary>
    public static ClockFlow OfRead(IOperation read, KnownSymbols known, CancellationToken cancellationToken)
    {
        var flow = new ClockFlow(known, cancellationToken);
        flow.Enter(read);
        flow._reads.Add(read);
        flow.Follow(read);
        flow.FollowVariables();
        return flow;
    }

    /// <summary>The flow that a subtraction or comparison belongs to; null where the operation is neither.</summary>
    public static ClockFlow? OfMeasure(IOperation measure, KnownSymbols known, CancellationToken cancellationToken)
    {
        if (ClockReading.Operands(measure) is not var (left, right) || ClockReading.IsOtherValue(left) || ClockReading.IsOtherValue(right))
            return null;

        var flow = new ClockFlow(known, cancellationToken);
        flow.Enter(measure);
        flow.Measure(measure);
        flow.Join(left);
        flow.Join(right);
        flow.FollowVariables();
        return flow;
    }

    private void Enter(IOperation operation)
    {
        _body = operation;
        _model = AssignedValues.Root(operation).SemanticModel;
    }

    private void FollowVariables()
    {
        while (IsPure && _pending.Count > 0)
        {
            var (variable, body) = _pending.Dequeue();
            Visit(variable switch
            {
                ILocalSymbol local => VariableMentions.Of(local, body),
                IFieldSymbol field when _model is not null => VariableMentions.Of(field, _model, _cancellationToken),
                _ => null,
            });
        }
    }

    private void Visit(IReadOnlyList<IOperation>? mentions)
    {
        if (mentions is null)
            Fail();

        for (var i = 0; IsPure && i < mentions!.Count; i++)
        {
            // The locals that it leads to are in its own body, which may be another one than the reading's.
            _body = mentions[i];
            switch (mentions[i])
            {
                case IVariableDeclaratorOperation declarator:
                    if (declarator.GetVariableInitializer()?.Value is { } initial)
                        Join(initial);
                    else if (declarator.Parent is not IVariableDeclarationOperation)
                        Fail();
                    break;
                case ISymbolInitializerOperation initializer:
                    Join(initializer.Value);
                    break;
                case ILocalReferenceOperation { IsDeclaration: true }:
                case IFieldReferenceOperation { Instance: not null and not IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance } }:
                    Fail();
                    break;
                case { Parent: ISimpleAssignmentOperation assignment } target when assignment.Target == target:
                    Join(assignment.Value);
                    FollowResult(assignment);
                    break;
                case { Parent: ICoalesceAssignmentOperation assignment } target when assignment.Target == target:
                    HasOtherValues = true;
                    Join(assignment.Value);
                    FollowResult(assignment);
                    break;
                case { Parent: ICompoundAssignmentOperation assignment } target when assignment.Target == target:
                    HasArithmetic = true;
                    FollowResult(assignment);
                    break;
                case { Parent: INameOfOperation }:
                    break;
                case var reference:
                    Follow(reference);
                    break;
            }
        }
    }

    private void FollowResult(IOperation assignment)
    {
        if (assignment.Parent is not IExpressionStatementOperation)
            Follow(assignment);
    }

    // From a reading, or a variable that holds one, outwards to what is done with it.
    private void Follow(IOperation? value)
    {
        while (value is not null)
            value = IsPure ? Next(value) : null;
    }

    private IOperation? Next(IOperation value)
    {
        var parent = value.Parent;
        switch (parent)
        {
            case IParenthesizedOperation or ICoalesceOperation:
            case IConversionOperation { Type: var type } when CanHoldReading(type):
            case IConditionalOperation conditional when conditional.Condition != value:
                return parent;
            case IExpressionStatementOperation:
                return null;
            case IPropertyReferenceOperation property when property.Instance == value:
                return NextOfMember(property, property.Property.Name);
            case IInvocationOperation invocation when invocation.Instance == value:
                return NextOfMember(invocation, invocation.TargetMethod.Name);
            case IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "Subtract", Instance: { } other } subtraction }:
                Measure(subtraction);
                Join(other);
                return null;
            case IBinaryOperation binary:
                return NextOfBinary(binary, binary.LeftOperand == value ? binary.RightOperand : binary.LeftOperand);
            case IIsPatternOperation { Pattern: IConstantPatternOperation or INegatedPatternOperation { Pattern: IConstantPatternOperation } }:
                HasOtherValues = true;
                return null;
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator }:
                Add(declarator.Symbol);
                return null;
            case IFieldInitializerOperation initializer:
                foreach (var field in initializer.InitializedFields)
                    Add(field);
                return null;
            case ISimpleAssignmentOperation or ICoalesceAssignmentOperation when parent is IAssignmentOperation assignment && assignment.Value == value:
                Join(assignment.Target);
                return assignment.Parent is IExpressionStatementOperation ? null : assignment;
            default:
                Fail();
                return null;
        }
    }

    private IOperation? NextOfMember(IOperation access, string name)
    {
        switch (name)
        {
            case "HasValue":
                HasOtherValues = true;
                return null;
            case "Subtract" when access is IInvocationOperation { Arguments: [{ Value: var other }] } && CanHoldReading(other.Type):
                Measure(access);
                Join(other);
                return null;
            case "Value" or "GetValueOrDefault" or "Ticks" or "ToUniversalTime" or "ToLocalTime" or "Subtract":
            case "Add" or "AddTicks" or "AddMilliseconds" or "AddSeconds" or "AddMinutes":
            case "ToUnixTimeMilliseconds" or "ToUnixTimeSeconds":
                HasArithmetic = true;
                return access;
            default:
                // The date, the hour, tomorrow: the calendar is meant.
                Fail();
                return null;
        }
    }

    private IOperation? NextOfBinary(IBinaryOperation binary, IOperation other)
    {
        switch (binary.OperatorKind)
        {
            case BinaryOperatorKind.Add or BinaryOperatorKind.Subtract when IsSpan(other):
            case BinaryOperatorKind.Add when IsNumber(other.Type):
                HasArithmetic = true;
                return binary;
            case BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual or BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual when ClockReading.IsOtherValue(other):
                HasOtherValues = true;
                return null;
            case BinaryOperatorKind.Subtract or BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual or BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual:
                Measure(binary);
                Join(other);
                return null;
            case BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals when ClockReading.IsOtherValue(other):
                HasOtherValues = true;
                return null;
            default:
                Fail();
                return null;
        }
    }

    // From an operand or an assigned value inwards to the reading that it has to come from.
    private void Join(IOperation? operand)
    {
        while (operand is not null && IsPure)
        {
            switch (operand)
            {
                case IConversionOperation { Operand: var inner } when !ClockReading.IsOtherValue(operand):
                    operand = inner;
                    continue;
                case IParenthesizedOperation { Operand: var inner }:
                    operand = inner;
                    continue;
                case IPropertyReferenceOperation property when ClockReading.IsClock(property, _known):
                    _reads.Add(property);
                    return;
                case IPropertyReferenceOperation { Instance: { } instance, Property.Name: "Value" or "Ticks" }:
                    HasArithmetic = true;
                    operand = instance;
                    continue;
                case IInvocationOperation { Instance: { } start } when ClockReading.IsOtherValue(start):
                    // UnixEpoch.AddSeconds(token.Expires): somebody else's point in time.
                    Fail();
                    return;
                case IInvocationOperation { Instance: { } receiver, TargetMethod.Name: "GetValueOrDefault" or "ToUniversalTime" or "ToLocalTime" or "ToUnixTimeMilliseconds" or "ToUnixTimeSeconds" or "Add" or "AddTicks" or "AddMilliseconds" or "AddSeconds" or "AddMinutes" }:
                    HasArithmetic = true;
                    operand = receiver;
                    continue;
                case IInvocationOperation { Instance: { } minuend, TargetMethod.Name: "Subtract", Arguments: [{ Value: var span }] } when IsSpan(span):
                    HasArithmetic = true;
                    operand = minuend;
                    continue;
                case IBinaryOperation { OperatorKind: BinaryOperatorKind.Add or BinaryOperatorKind.Subtract } binary:
                    HasArithmetic = true;
                    operand = IsSpan(binary.LeftOperand) ? binary.RightOperand : binary.LeftOperand;
                    continue;
                case ILocalReferenceOperation { Local: var local, IsDeclaration: false }:
                    Add(local);
                    return;
                case IFieldReferenceOperation { Instance: null or IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }, Field: { DeclaredAccessibility: Accessibility.Private, IsConst: false } field } when !ClockReading.IsOtherValue(operand):
                    Add(field.OriginalDefinition);
                    return;
                case ISimpleAssignmentOperation { Value: var assigned }:
                    operand = assigned;
                    continue;
                case ICoalesceOperation coalesce:
                    HasOtherValues = true;
                    Join(coalesce.WhenNull);
                    operand = coalesce.Value;
                    continue;
                case IConditionalOperation conditional:
                    Join(conditional.WhenFalse);
                    operand = conditional.WhenTrue;
                    continue;
                case var other when ClockReading.IsOtherValue(other):
                    HasOtherValues = true;
                    return;
                default:
                    Fail();
                    return;
            }
        }
    }

    private void Add(ISymbol variable)
    {
        if (!_variables.Add(variable))
            return;

        var type = variable switch
        {
            ILocalSymbol { RefKind: RefKind.None, IsConst: false } local => local.Type,
            IFieldSymbol { RefKind: RefKind.None, IsConst: false } field => field.Type,
            _ => null,
        };
        if (CanHoldReading(type))
            _pending.Enqueue((variable, _body));
        else
            Fail();
    }

    private void Measure(IOperation measure)
    {
        _measures.Add(measure);
        var result = measure;
        while (result.Parent is IParenthesizedOperation or IConversionOperation)
            result = result.Parent;

        // An age in days is the calendar's.
        if (result.Parent is IPropertyReferenceOperation { Property.Name: "Days" or "TotalDays" })
            Fail();
    }

    private void Fail() => IsPure = false;

    private bool CanHoldReading(ITypeSymbol? type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [var held] } ? CanHoldReading(held)
        : IsNumber(type) || ClockReading.IsPointInTime(type, _known);

    private static bool IsNumber(ITypeSymbol? type) => type is { SpecialType: SpecialType.System_Int32 or SpecialType.System_Int64 or SpecialType.System_Double };

    private bool IsSpan(IOperation operand) =>
        ClockReading.Is(AssignedValues.Unwrap(operand).Type, _known.TimeSpan) || operand is { ConstantValue.HasValue: true, Type.IsValueType: true };
}
