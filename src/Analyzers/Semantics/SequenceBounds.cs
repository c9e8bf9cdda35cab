using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static ConcurrencyAnalyzers.Semantics.SequenceBound;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Finds the <see cref="SequenceBound"/> of sequences, numbers and loops in the code that makes them.</summary>
internal static class SequenceBounds
{
    private const int MaxDepth = 12;

    /// <summary>The bound of a sequence's element count.</summary>
    public static SequenceBound Of(IOperation sequence, KnownSymbols known) => Of(sequence, known, MaxDepth);

    /// <summary>The bound of a number: a collection's own size is no bound, what somebody chose is one.</summary>
    public static SequenceBound OfNumber(IOperation number, KnownSymbols known) => OfNumber(number, known, MaxDepth);

    /// <summary>The bound of a loop's turns.</summary>
    public static SequenceBound OfTurns(ILoopOperation loop, KnownSymbols known) => OfTurns(loop, known, MaxDepth);

    private static SequenceBound OfTurns(ILoopOperation loop, KnownSymbols known, int depth) => loop switch
    {
        IForEachLoopOperation forEach => forEach.IsAsynchronous ? Unknown : Of(forEach.Collection, known, depth),
        IForLoopOperation { Condition: { } condition } forLoop => OfCondition(condition, forLoop, known, depth),
        IWhileLoopOperation { Condition: { } condition } => OfCondition(condition, null, known, depth),
        _ => Unknown,
    };

    private static SequenceBound Of(IOperation sequence, KnownSymbols known, int depth)
    {
        if (depth <= 0)
            return Unknown;

        sequence = AssignedValues.Unwrap(sequence);
        var bound = OfValue(sequence, known, depth);
        return bound.IsUnknown && Components.AreElementsOf(sequence.Type) ? Limited : bound;
    }

    private static SequenceBound OfValue(IOperation sequence, KnownSymbols known, int depth)
    {
        switch (sequence)
        {
            case IArrayCreationOperation { Initializer: not null }:
                return Limited;
            case IArrayCreationOperation { DimensionSizes: [var size] }:
                return OfNumber(size, known, depth - 1);
            case ICollectionExpressionOperation literal:
                return literal.Elements.Aggregate(Constant(0), (sum, element) => sum.Plus(element is ISpreadOperation spread ? Of(spread.Operand, known, depth - 1) : Limited));
            case IObjectCreationOperation creation:
                return OfCreation(creation, known, depth);
            case IInvocationOperation invocation:
                return OfInvocation(invocation, known, depth);
            case IPropertyReferenceOperation { Property.Name: "Keys" or "Values", Instance: { } dictionary } when IsCollection(dictionary.Type):
                return Of(dictionary, known, depth - 1);
            case ILocalReferenceOperation reference:
                return OfLocal(reference, known, depth);
            case IParameterReferenceOperation parameter:
                return OfParameter(parameter, known, depth);
            case IFieldReferenceOperation field:
                return IsFixedLiteral(field.Field, field.Field.Type, field.Field.IsReadOnly) ? Limited : Unknown;
            case IPropertyReferenceOperation property:
                return IsFixedLiteral(property.Property, property.Property.Type, property.Property.SetMethod is null or { IsInitOnly: true }) ? Limited : Unknown;
            case IConditionalOperation { WhenFalse: { } whenFalse } conditional:
                return Of(conditional.WhenTrue, known, depth - 1).Max(Of(whenFalse, known, depth - 1));
            case IConditionalAccessOperation access:
                return Of(access.WhenNotNull, known, depth - 1);
            case ICoalesceOperation coalesce:
                return Of(coalesce.Value, known, depth - 1).Max(Of(coalesce.WhenNull, known, depth - 1));
            default:
                return Unknown;
        }
    }

    private static SequenceBound OfCreation(IObjectCreationOperation creation, KnownSymbols known, int depth)
    {
        var source = creation.Arguments.Select(argument => argument.Value).FirstOrDefault(value => IsCollection(AssignedValues.Unwrap(value).Type));
        var copied = source is null ? Constant(0) : Of(source, known, depth - 1);
        return creation.Initializer is { Initializers.Length: > 0 } ? copied.Plus(Limited) : copied;
    }

    private static SequenceBound OfInvocation(IInvocationOperation invocation, KnownSymbols known, int depth)
    {
        var method = invocation.TargetMethod;
        if (method is { IsStatic: true, ContainingType.SpecialType: SpecialType.System_Enum, Name: "GetValues" or "GetNames" or "GetValuesAsUnderlyingType" }
            or { Name: "GetInvocationList", ContainingType.SpecialType: SpecialType.System_Delegate or SpecialType.System_MulticastDelegate })
        {
            return Limited;
        }

        if (SourceOf(invocation) is not { } source)
            return Unknown;

        var sized = invocation.Arguments.FirstOrDefault(argument => argument.Value != source && argument.Parameter?.Type.SpecialType == SpecialType.System_Int32 && argument.Parameter.Name is "count" or "length" or "size");
        switch (method.Name)
        {
            case "Range" or "Repeat" when known.IsLinq(method.ContainingType):
                return OfNumber(invocation.Arguments[1].Value, known, depth - 1);
            case "Empty" when known.IsLinq(method.ContainingType):
                return Constant(0);
            case "Concat" or "Union" or "UnionBy" when invocation.Arguments.Length > 1:
                return Of(source, known, depth - 1).Plus(Of(invocation.Arguments[1].Value, known, depth - 1));
            case "Append" or "Prepend":
                return Of(source, known, depth - 1).Plus(Constant(1));
            case "Zip" or "Intersect" or "Join" when invocation.Arguments.Length > 1:
                return Of(source, known, depth - 1).Min(Of(invocation.Arguments[1].Value, known, depth - 1));
            case "Take" or "TakeLast" or "GetRange" or "GetItems" or "Slice" when sized is not null:
                return OfNumber(sized.Value, known, depth - 1).Min(Of(source, known, depth - 1));
            case "SelectMany":
                return Unknown;
            default:
                // Every other operator hands on at most what it is given; other methods are not known to.
                return known.IsLinq(method.ContainingType) || (invocation.Instance is not null && method.Name is "ToArray" or "ToList" or "AsReadOnly" or "ConvertAll" or "FindAll")
                    ? Of(source, known, depth - 1)
                    : Unknown;
        }
    }

    private static SequenceBound OfLocal(ILocalReferenceOperation reference, KnownSymbols known, int depth)
    {
        var root = AssignedValues.Root(reference);
        if (Loop(reference, root) is { } loop)
            return OfElement(loop.Collection, known, depth);

        if (AssignedValues.Of(reference.Local, root) is not { Count: > 0 } values)
            return Unknown;

        var bound = values.Select(value => Of(value, known, depth - values.Count)).Aggregate((left, right) => left.Max(right));
        foreach (var mention in AssignedValues.References(reference.Local, root))
        {
            if (mention.Parent is not IInvocationOperation { TargetMethod.Name: var name } added || added.Instance != mention)
                continue;

            if (name is "AddRange" or "UnionWith" or "InsertRange")
                bound = bound.Plus(Of(added.Arguments.Last().Value, known, depth - 1)).Times(TurnsAround(added, reference.Local, known, depth));
            else if (name is "Add" or "Enqueue" or "Push" or "Insert" or "TryAdd" or "AddLast" or "AddFirst")
                bound = bound.Plus(TurnsAround(added, reference.Local, known, depth));
        }

        return bound;
    }

    // The turns of all the loops in which this happens, those around the local's own declaration apart.
    private static SequenceBound TurnsAround(IOperation operation, ILocalSymbol local, KnownSymbols known, int depth)
    {
        var turns = Constant(1);
        for (var current = operation.Parent; current is not null; current = current.Parent)
        {
            if (current is IAnonymousFunctionOperation or ILocalFunctionOperation)
                return Unknown;

            if (current is not ILoopOperation loop)
                continue;

            if (loop.Syntax.Span.Contains(local.Locations[0].SourceSpan))
                break;

            turns = turns.Times(OfTurns(loop, known, depth - 1));
        }

        return turns;
    }

    private static IForEachLoopOperation? Loop(ILocalReferenceOperation reference, IOperation root) =>
        root.Descendants().OfType<IForEachLoopOperation>().FirstOrDefault(loop => loop.Locals.Contains(reference.Local, SymbolEqualityComparer.Default));

    // A lambda's parameter gets the elements of the sequence whose method the lambda is given to.
    private static SequenceBound OfParameter(IParameterReferenceOperation parameter, KnownSymbols known, int depth)
    {
        for (var current = parameter.Parent; current is not null; current = current.Parent)
        {
            if (current is IAnonymousFunctionOperation lambda && SymbolEqualityComparer.Default.Equals(lambda.Symbol, parameter.Parameter.ContainingSymbol))
            {
                return lambda is { Parent: IDelegateCreationOperation { Parent: IArgumentOperation { Parent: IInvocationOperation call } } } && SourceOf(call) is { } source
                    ? OfElement(source, known, depth)
                    : Unknown;
            }
        }

        return Unknown;
    }

    // The elements of a sequence of chunks have a size that somebody chose.
    private static SequenceBound OfElement(IOperation sequence, KnownSymbols known, int depth)
    {
        sequence = AssignedValues.Unwrap(sequence);
        if (depth <= 0)
            return Unknown;

        if (sequence is ILocalReferenceOperation reference && AssignedValues.Single(reference.Local, AssignedValues.Root(reference)) is { } value)
            return OfElement(value, known, depth - 1);

        if (sequence is not IInvocationOperation invocation || SourceOf(invocation) is not { } source)
            return Unknown;

        if (invocation.TargetMethod.Name is "Chunk" or "Batch" or "Buffer"
            && invocation.Arguments.FirstOrDefault(argument => argument.Parameter?.Type.SpecialType == SpecialType.System_Int32) is { } size)
        {
            return OfNumber(size.Value, known, depth - 1);
        }

        return known.IsLinq(invocation.TargetMethod.ContainingType) && invocation.TargetMethod.Name is not ("Select" or "SelectMany" or "GroupBy" or "Cast")
            ? OfElement(source, known, depth - 1)
            : Unknown;
    }

    private static SequenceBound OfNumber(IOperation number, KnownSymbols known, int depth)
    {
        if (number.ConstantValue is { HasValue: true, Value: { } constant })
            return constant is int or long or short or byte or uint ? Constant(Convert.ToInt64(constant, System.Globalization.CultureInfo.InvariantCulture)) : Limited;

        if (depth <= 0)
            return Unknown;

        number = AssignedValues.Unwrap(number);
        switch (number)
        {
            case IPropertyReferenceOperation { Property.Name: "Count" or "Length" or "LongLength", Instance: { } collection } when IsCollection(collection.Type):
                return Of(collection, known, depth - 1);
            case IInvocationOperation { TargetMethod: { Name: "Count" or "LongCount", ContainingType: var type } } count when known.IsLinq(type):
                return Of(count.Arguments[0].Value, known, depth - 1);
            case IInvocationOperation { TargetMethod.Name: "GetLength", Instance: { Type: IArrayTypeSymbol } array }:
                return Of(array, known, depth - 1);
            case IInvocationOperation { TargetMethod: { ContainingType: { Name: "Math", ContainingNamespace.Name: "System" }, Name: var name } } math:
                var arguments = math.Arguments.Select(argument => OfNumber(argument.Value, known, depth - 1)).ToList();
                return name is "Min" or "Clamp" ? arguments.Aggregate((left, right) => left.Min(right)) : arguments.Aggregate((left, right) => left.Max(right));
            case IAwaitOperation { Operation: IInvocationOperation { TargetMethod.Name: "CountAsync" or "LongCountAsync" } }:
                return Unknown;
            case IBinaryOperation binary:
                return OfNumber(binary.LeftOperand, known, depth - 1).Max(OfNumber(binary.RightOperand, known, depth - 1));
            case IConditionalOperation { WhenFalse: { } whenFalse } conditional:
                return OfNumber(conditional.WhenTrue, known, depth - 1).Max(OfNumber(whenFalse, known, depth - 1));
            case ILocalReferenceOperation reference when AssignedValues.Of(reference.Local, AssignedValues.Root(reference)) is { Count: > 0 } values:
                return values.Select(value => OfNumber(value, known, depth - values.Count)).Aggregate((left, right) => left.Max(right));
            default:
                return Limited;
        }
    }

    // The greater side of a comparison is the limit; where that is the loop's own variable, it counts down from its start.
    private static SequenceBound OfCondition(IOperation condition, IForLoopOperation? loop, KnownSymbols known, int depth)
    {
        if (AssignedValues.Unwrap(condition) is not IBinaryOperation binary)
            return Unknown;

        switch (binary.OperatorKind)
        {
            case BinaryOperatorKind.ConditionalAnd:
                return OfCondition(binary.LeftOperand, loop, known, depth).Min(OfCondition(binary.RightOperand, loop, known, depth));
            case BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual:
            case BinaryOperatorKind.NotEquals when loop is not null:
                return Limit(binary.RightOperand, loop, known, depth);
            case BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual:
                return Limit(binary.LeftOperand, loop, known, depth);
            default:
                return Unknown;
        }
    }

    private static SequenceBound Limit(IOperation operand, IForLoopOperation? loop, KnownSymbols known, int depth)
    {
        operand = AssignedValues.Unwrap(operand);
        if (operand is not ILocalReferenceOperation reference || loop?.Locals.Contains(reference.Local, SymbolEqualityComparer.Default) != true)
            return OfNumber(operand, known, depth);

        var start = loop.Before.SelectMany(static operation => operation.DescendantsAndSelf()).OfType<IVariableDeclaratorOperation>()
            .FirstOrDefault(declarator => SymbolEqualityComparer.Default.Equals(declarator.Symbol, reference.Local));
        return start?.GetVariableInitializer()?.Value is { } value ? OfNumber(value, known, depth) : Unknown;
    }

    private static IOperation? SourceOf(IInvocationOperation invocation) =>
        invocation.Instance ?? invocation.Arguments.FirstOrDefault()?.Value;

    private static bool IsCollection(ITypeSymbol? type) =>
        type is IArrayTypeSymbol or { Name: "Span" or "ReadOnlySpan" or "Memory" or "ReadOnlyMemory" }
        || (type is not null and not { SpecialType: SpecialType.System_String } && type.AllInterfaces.Any(static one => one.SpecialType == SpecialType.System_Collections_IEnumerable));

    // A literal that nothing can add to: its member is read-only, and so is its type.
    private static bool IsFixedLiteral(ISymbol member, ITypeSymbol type, bool isReadOnly)
    {
        var isFixed = type is IArrayTypeSymbol || type.Name.StartsWith("Immutable", StringComparison.Ordinal) || type.Name.StartsWith("Frozen", StringComparison.Ordinal)
            || type.Name is "IEnumerable" or "IReadOnlyList" or "IReadOnlyCollection" or "IReadOnlyDictionary" or "IReadOnlySet";
        if (!isReadOnly || !isFixed)
            return false;

        var value = member.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() switch
        {
            VariableDeclaratorSyntax field => field.Initializer?.Value,
            PropertyDeclarationSyntax property => property.Initializer?.Value ?? property.ExpressionBody?.Expression,
            _ => null,
        };
        return value switch
        {
            CollectionExpressionSyntax literal => !literal.Elements.Any(SyntaxKind.SpreadElement),
            ArrayCreationExpressionSyntax { Initializer: not null } or ImplicitArrayCreationExpressionSyntax or InitializerExpressionSyntax => true,
            BaseObjectCreationExpressionSyntax { Initializer: not null } creation => creation.ArgumentList is null or { Arguments.Count: 0 },
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Create" } } => type.Name.StartsWith("Immutable", StringComparison.Ordinal),
            _ => false,
        };
    }
}
