using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// A collection of tasks (a local, a parameter or a private field) that a loop empties: each turn takes one task out, and
/// nothing puts one in. A window, which refills, is no drain.
/// </summary>
internal readonly struct TaskDrain
{
    private static readonly ImmutableHashSet<string> Additions = ["Add", "AddFirst", "AddLast", "AddRange", "Enqueue", "Insert", "InsertRange", "Push", "TryAdd", "UnionWith"];

    private TaskDrain(IOperation tasks, ISymbol variable) => (Tasks, Name) = (tasks, variable.Name);

    /// <summary>The mention of the collection.</summary>
    public IOperation Tasks { get; }

    public string Name { get; }

    /// <summary>The collection of which the value is all, or a copy.</summary>
    public static IOperation Collection(IOperation value, KnownSymbols known)
    {
        value = AssignedValues.Unwrap(value);
        return value is IInvocationOperation { TargetMethod: { Name: "ToArray" or "ToList" or "AsEnumerable" } method } copy
            && (known.IsLinq(method.ContainingType) || copy.Instance is not null) && StartedTask.ReceiverOf(copy) is { } source
                ? AssignedValues.Unwrap(source)
                : value;
    }

    /// <summary>Null where the loop doesn't empty it, or where tasks may come in.</summary>
    public static TaskDrain? Of(IOperation tasks, ILoopOperation loop, OperationAnalysisContext context, KnownSymbols known)
    {
        if (VariableOf(tasks) is not { } variable || tasks.Type is IArrayTypeSymbol)
            return null;

        var removes = false;
        foreach (var mention in loop.Descendants())
        {
            if (!SymbolEqualityComparer.Default.Equals(VariableOf(mention), variable))
                continue;

            if (IsAddition(mention))
                return null;

            if (mention.Parent is IAssignmentOperation assignment && assignment.Target == mention)
            {
                if (!IsFiltered(assignment.Value, variable, known))
                    return null;

                removes = true;
            }

            removes |= IsRemoval(mention, variable);
        }

        // A loop around this one may refill what this one takes out. So may callers, unless the loop goes on until the end.
        return removes && !IsInLoopThatRefills(variable, loop) && (variable is ILocalSymbol || IsUntilEmpty(loop, variable)) && IsFilledBefore(variable, tasks, context)
            ? new(tasks, variable)
            : null;
    }

    private static ISymbol? VariableOf(IOperation mention) => mention switch
    {
        ILocalReferenceOperation { Local: var local } => local,
        IParameterReferenceOperation { Parameter: var parameter } => parameter,
        IFieldReferenceOperation { Instance: null or IInstanceReferenceOperation, Field: var field } => field,
        _ => null,
    };

    private static bool IsAddition(IOperation mention) =>
        mention.Parent is IInvocationOperation { TargetMethod.Name: var name } call && call.Instance == mention && Additions.Contains(name);

    // tasks.Remove(done), tasks.RemoveAt(tasks.IndexOf(done))
    private static bool IsRemoval(IOperation mention, ISymbol variable) =>
        mention.Parent is IInvocationOperation call && call.Instance == mention
        && (call.TargetMethod.Name == "Remove"
            || (call is { TargetMethod.Name: "RemoveAt", Arguments: [{ Value: IInvocationOperation { TargetMethod.Name: "IndexOf", Instance: { } searched } }] } && SymbolEqualityComparer.Default.Equals(VariableOf(searched), variable)));

    // tasks = tasks.Where(task => task != done).ToList()
    private static bool IsFiltered(IOperation value, ISymbol variable, KnownSymbols known) =>
        Collection(value, known) is IInvocationOperation { TargetMethod: { Name: "Where" or "Except" } method } filter && known.IsLinq(method.ContainingType)
        && StartedTask.ReceiverOf(filter) is { } source && SymbolEqualityComparer.Default.Equals(VariableOf(AssignedValues.Unwrap(source)), variable);

    private static bool IsInLoopThatRefills(ISymbol variable, ILoopOperation loop)
    {
        for (var current = loop.Parent; current is not null; current = current.Parent)
        {
            if (current is ILoopOperation outer && !outer.Syntax.Span.Contains(variable.Locations[0].SourceSpan))
                return true;
        }

        return false;
    }

    // tasks.Count > 0, tasks.Count != 0, tasks.Any()
    private static bool IsUntilEmpty(ILoopOperation loop, ISymbol variable)
    {
        var condition = loop switch
        {
            IWhileLoopOperation { Condition: var test } => test,
            IForLoopOperation { Condition: var test } => test,
            _ => null,
        };
        return condition switch
        {
            IBinaryOperation { OperatorKind: BinaryOperatorKind.GreaterThan or BinaryOperatorKind.NotEquals, RightOperand.ConstantValue.Value: 0 } more => IsSize(more.LeftOperand, variable),
            IBinaryOperation { OperatorKind: BinaryOperatorKind.GreaterThanOrEqual, RightOperand.ConstantValue.Value: 1 } more => IsSize(more.LeftOperand, variable),
            IBinaryOperation { OperatorKind: BinaryOperatorKind.LessThan or BinaryOperatorKind.NotEquals, LeftOperand.ConstantValue.Value: 0 } more => IsSize(more.RightOperand, variable),
            IInvocationOperation { TargetMethod.Name: "Any", Arguments.Length: 1 } any => SymbolEqualityComparer.Default.Equals(VariableOf(AssignedValues.Unwrap(any.Arguments[0].Value)), variable),
            _ => false,
        };
    }

    private static bool IsSize(IOperation size, ISymbol variable) =>
        size is IPropertyReferenceOperation { Property.Name: "Count", Instance: { } collection } && SymbolEqualityComparer.Default.Equals(VariableOf(collection), variable);

    // While the loop awaits, other members of the type could put tasks into a field.
    private static bool IsFilledBefore(ISymbol variable, IOperation tasks, OperationAnalysisContext context)
    {
        if (variable is not IFieldSymbol field)
            return true;

        return VariableMentions.Of(field, tasks.SemanticModel!, context.CancellationToken) is { } mentions
            && mentions.All(mention => !IsAddition(mention) || MemberOf(mention) is ConstructorDeclarationSyntax || MemberOf(mention) == MemberOf(tasks));
    }

    private static SyntaxNode? MemberOf(IOperation operation) =>
        operation.Syntax.FirstAncestorOrSelf<MemberDeclarationSyntax>() is GlobalStatementSyntax { Parent: var program } ? program : operation.Syntax.FirstAncestorOrSelf<MemberDeclarationSyntax>();
}
