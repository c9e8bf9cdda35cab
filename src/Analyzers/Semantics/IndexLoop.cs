using Microsoft.CodeAnalysis.CSharp;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>A loop over a collection by its index, which it uses for nothing else: <c>for (var i = 0; i &lt; xs.Count; i++) … xs[i] …</c></summary>
internal sealed class IndexLoop
{
    private IndexLoop(IOperation source, List<IOperation> elements) => (Source, Elements) = (source, elements);

    /// <summary>The collection.</summary>
    public IOperation Source { get; }

    /// <summary>Where the body takes the element.</summary>
    public IReadOnlyList<IOperation> Elements { get; }

    /// <summary>Null where the loop is another, or does something else with the index.</summary>
    public static IndexLoop? Of(IForLoopOperation loop)
    {
        if (loop is not
            {
                Locals: [var index],
                Before: [IVariableDeclarationGroupOperation { Declarations: [{ Declarators: [{ Initializer.Value.ConstantValue: { HasValue: true, Value: 0 } }] }] }],
                Condition: IBinaryOperation { OperatorKind: BinaryOperatorKind.LessThan, LeftOperand: ILocalReferenceOperation { Local: var compared }, RightOperand: IPropertyReferenceOperation { Property.Name: "Count" or "Length", Instance: { } source } },
                AtLoopBottom: [IExpressionStatementOperation { Operation: IIncrementOrDecrementOperation { Kind: OperationKind.Increment, Target: ILocalReferenceOperation { Local: var counted } } }],
            }
            || !SymbolEqualityComparer.Default.Equals(index, compared) || !SymbolEqualityComparer.Default.Equals(index, counted))
        {
            return null;
        }

        var elements = new List<IOperation>();
        foreach (var mention in AssignedValues.References(index, loop.Body))
        {
            if (ElementAt(mention, source) is not { } element)
                return null;

            elements.Add(element);
        }

        return elements.Count > 0 ? new(source, elements) : null;
    }

    // xs[i], read
    private static IOperation? ElementAt(ILocalReferenceOperation index, IOperation source)
    {
        var (element, collection) = index.Parent switch
        {
            IArrayElementReferenceOperation { Indices: [_], ArrayReference: var array } access => (access, array),
            IArgumentOperation { Parent: IPropertyReferenceOperation { Arguments: [_], Instance: { } list } access } => (access, list),
            _ => default((IOperation, IOperation)),
        };
        return element is not null && !(element.Parent is IAssignmentOperation assignment && assignment.Target == element)
            && SyntaxFactory.AreEquivalent(AssignedValues.Unwrap(collection).Syntax, AssignedValues.Unwrap(source).Syntax) ? element : null;
    }
}
