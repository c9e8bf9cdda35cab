using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Where a variable's ValueTask is consumed though on some path it was consumed before, and its object may belong to
/// another operation by then. To ask for its state in between is taken for care.
/// </summary>
internal sealed class ConsumedValueTask
{
    private readonly ISymbol _variable;
    private readonly HashSet<ISymbol> _copies;
    private readonly ControlFlowGraph _graph;
    private readonly HashSet<SyntaxNode> _consumptions;
    private readonly Stack<BasicBlock> _pending = new();
    private readonly HashSet<int> _entered = [];
    private SyntaxNode? _found;

    private ConsumedValueTask(ISymbol variable, HashSet<ISymbol> copies, ControlFlowGraph graph, HashSet<SyntaxNode> consumptions) =>
        (_variable, _copies, _graph, _consumptions) = (variable, copies, graph, consumptions);

    /// <summary>The first mention that consumes the ValueTask again; null where there is none, or it can't be told.</summary>
    /// <param name="variable">A local or parameter.</param>
    /// <param name="mentions">All its mentions in the member.</param>
    /// <param name="place">An operation of the function that the variable belongs to.</param>
    /// <param name="context">For the control-flow graph, which is asked for last.</param>
    public static SyntaxNode? Again(ISymbol variable, IReadOnlyList<IOperation> mentions, IOperation place, OperationAnalysisContext context)
    {
        var function = FunctionGraph.FunctionAround(place);
        var consumptions = new HashSet<SyntaxNode>();
        var isInLoop = false;
        var copies = CopiesOf(mentions);
        foreach (var mention in mentions.Concat(copies.SelectMany(copy => VariableMentions.Of((ILocalSymbol)copy, place))))
        {
            if (mention is not (ILocalReferenceOperation or IParameterReferenceOperation))
                continue;

            var isOwn = FunctionGraph.FunctionAround(mention) == function;
            if (mention.Parent is IArgumentOperation { Parameter.RefKind: not (RefKind.None or RefKind.In) } || (!isOwn && mention.Parent is IAssignmentOperation assignment && assignment.Target == mention))
                return null;

            if (!isOwn || !IsConsumption(mention))
                continue;

            consumptions.Add(mention.Syntax);
            isInLoop |= IsInLoop(mention);
        }

        return (consumptions.Count > 1 || (consumptions.Count == 1 && isInLoop)) && FunctionGraph.Of(function, context) is { } graph
            ? new ConsumedValueTask(variable, copies, graph, consumptions).Find()
            : null;
    }

    /// <summary>Whether the mention uses the ValueTask up: to await it, to read its result, to hand it on.</summary>
    public static bool IsConsumption(IOperation mention)
    {
        var value = AwaitedValue.Whole(mention);
        return value.Parent switch
        {
            IAwaitOperation => true,
            IReturnOperation { Kind: OperationKind.Return } => true,
            IPropertyReferenceOperation { Property.Name: "Result" } property => property.Instance == value,
            IArgumentOperation { Parameter: { } parameter } => IsConsumedBy(parameter),
            IInvocationOperation { TargetMethod.Name: "AsTask" or "Preserve" or "GetAwaiter" or "ConfigureAwait" } call => call.Instance == value,
            _ => false,
        };
    }

    /// <summary>A value that may be consumed again and again: made of a result or a task, or preserved.</summary>
    public static bool IsRepeatable(IOperation value, KnownSymbols known) => AssignedValues.Unwrap(value) switch
    {
        IInvocationOperation { TargetMethod.Name: "Preserve", Instance: { } } => true,
        IObjectCreationOperation { Arguments: [] } => true,
        IObjectCreationOperation { Arguments: [{ Value.Type: { } source }] } creation => creation.Type.IsValueTask(known) && source is not { Name: "IValueTaskSource" },
        var other => CompletionValues.IsMadeComplete(other, known),
    };

    /// <summary>Whether the local is no more than another name for the ValueTask of a variable, declared as such.</summary>
    public static bool IsCopy(ILocalSymbol local, IOperation within)
    {
        if (AssignedValues.Single(local, AssignedValues.Root(within)) is not { } original || !SymbolEqualityComparer.Default.Equals(AwaitedValue.LocalOf(original), local))
            return false;

        return original switch
        {
            ILocalReferenceOperation { Local: var other } => CopiesOf(VariableMentions.Of(other, within)).Contains(local),
            IParameterReferenceOperation { Parameter: var parameter } => CopiesOf(MentionsOf(parameter, within)).Contains(local),
            _ => false,
        };
    }

    /// <summary>The mentions of a parameter in the member.</summary>
    public static List<IOperation> MentionsOf(IParameterSymbol parameter, IOperation within) =>
        [.. AssignedValues.Root(within).Descendants().Where(operation => operation is IParameterReferenceOperation other && SymbolEqualityComparer.Default.Equals(other.Parameter, parameter))];

    // var copy = read; of a variable that keeps its value.
    private static HashSet<ISymbol> CopiesOf(IReadOnlyList<IOperation> mentions)
    {
        var copies = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        if (mentions.Any(static mention => mention.Parent is IAssignmentOperation write && write.Target == mention))
            return copies;

        foreach (var mention in mentions)
        {
            if (mention is (ILocalReferenceOperation or IParameterReferenceOperation) && AwaitedValue.Whole(mention).Parent is IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: { IsRef: false } copy } }
                && SymbolEqualityComparer.Default.Equals(copy.Type, mention.Type) && AssignedValues.Single(copy, AssignedValues.Root(mention)) is not null)
            {
                copies.Add(copy);
            }
        }

        return copies;
    }

    // A method of this compilation that awaits its parameter, whatever its state.
    private static bool IsConsumedBy(IParameterSymbol parameter)
    {
        if (parameter.OriginalDefinition is not { RefKind: RefKind.None, ContainingSymbol: IMethodSymbol { IsVirtual: false, IsAbstract: false } } original
            || original.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is not ParameterSyntax { Parent.Parent: { } function })
        {
            return false;
        }

        var mentions = function.DescendantNodes().OfType<IdentifierNameSyntax>().Where(name => name.Identifier.ValueText == original.Name).ToList();
        return mentions.Exists(static name => name.Parent is AwaitExpressionSyntax or MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait" or "AsTask" or "GetAwaiter" or "Preserve" })
            && !mentions.Exists(static name => name.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "IsCompleted" or "IsCompletedSuccessfully" or "IsFaulted" or "IsCanceled" });
    }

    private static bool IsInLoop(IOperation mention)
    {
        for (var current = mention.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current is ILoopOperation)
                return true;
        }

        return false;
    }

    private SyntaxNode? Find()
    {
        foreach (var block in _graph.Blocks)
            Pass(block, isConsumed: false);

        while (_pending.Count > 0)
        {
            var block = _pending.Pop();
            if (_entered.Add(block.Ordinal))
                Pass(block, isConsumed: true);
        }

        return _found;
    }

    private void Pass(BasicBlock block, bool isConsumed)
    {
        var wasConsumed = isConsumed;
        foreach (var operation in block.Operations)
        {
            Pass(operation, ref isConsumed);
            wasConsumed |= isConsumed;
        }

        if (block.BranchValue is { } value)
        {
            Pass(value, ref isConsumed);
            wasConsumed |= isConsumed;
        }

        // What is awaited and fails is used up as well.
        if (wasConsumed)
            PushHandlers(block);

        if (!isConsumed)
            return;

        Push(block.ConditionalSuccessor);
        Push(block.FallThroughSuccessor);
    }

    private void PushHandlers(BasicBlock block)
    {
        for (var region = block.EnclosingRegion; region is not null; region = region.EnclosingRegion)
        {
            if (region is not { Kind: ControlFlowRegionKind.Try, EnclosingRegion: { Kind: ControlFlowRegionKind.TryAndCatch } whole })
                continue;

            foreach (var handler in whole.NestedRegions)
            {
                if (handler != region)
                    _pending.Push(_graph.Blocks[handler.FirstBlockOrdinal]);
            }
        }
    }

    private void Push(ControlFlowBranch? branch)
    {
        if (branch is null)
            return;

        foreach (var region in branch.FinallyRegions)
            _pending.Push(_graph.Blocks[region.FirstBlockOrdinal]);

        if (branch.Destination is { } destination)
            _pending.Push(destination);
    }

    private void Pass(IOperation operation, ref bool isConsumed)
    {
        foreach (var part in OwnOperations.Of(operation))
        {
            if (part is ISimpleAssignmentOperation { Target: var target } && IsVariable(target) && !IsCopied(target))
            {
                isConsumed = false;
            }
            else if (IsVariable(part))
            {
                if (_consumptions.Contains(part.Syntax))
                {
                    if (isConsumed && (_found is null || part.Syntax.SpanStart < _found.SpanStart))
                        _found = part.Syntax;

                    isConsumed = true;
                }
                else if (part.Parent is IPropertyReferenceOperation)
                {
                    isConsumed = false;
                }
            }
        }
    }

    private bool IsCopied(IOperation operation) => operation is ILocalReferenceOperation { Local: var local } && _copies.Contains(local);

    private bool IsVariable(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => SymbolEqualityComparer.Default.Equals(local.Local, _variable) || _copies.Contains(local.Local),
        IParameterReferenceOperation parameter => SymbolEqualityComparer.Default.Equals(parameter.Parameter, _variable),
        _ => false,
    };
}
