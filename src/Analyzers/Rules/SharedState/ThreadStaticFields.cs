using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>What code does with state that each thread has for itself.</summary>
internal static class ThreadStaticFields
{
    /// <summary>The field itself, or the one behind a property that has attributes for it (<c>[field: …]</c>).</summary>
    public static IFieldSymbol? StorageOf(ISymbol declared)
    {
        if (declared is IPropertySymbol { DeclaringSyntaxReferences: [var declaration] }
            && declaration.GetSyntax() is PropertyDeclarationSyntax { AttributeLists: { Count: > 0 } attributes }
            && attributes.Any(static list => list.Target?.Identifier.IsKind(SyntaxKind.FieldKeyword) == true))
        {
            foreach (var member in declared.ContainingType.GetMembers())
            {
                if (member is IFieldSymbol field && SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, declared))
                    return field;
            }
        }

        return declared as IFieldSymbol;
    }

    /// <summary>An initializer that gives the field or property more than its default value.</summary>
    public static bool HasInitializer(ISymbol declared, CancellationToken cancellationToken)
    {
        if (declared.DeclaringSyntaxReferences is not [var declaration])
            return false;

        var initializer = declaration.GetSyntax(cancellationToken) switch
        {
            VariableDeclaratorSyntax field => field.Initializer,
            PropertyDeclarationSyntax property => property.Initializer,
            _ => null,
        };

        return initializer is not null && !IsDefault(initializer.Value);
    }

    /// <summary>
    /// Whether, on some way through the function, the variable was used before an await and is read here after it,
    /// without having been set or read in between: the first such read counts.
    /// </summary>
    public static bool IsReadAcrossAwait(SyntaxNode use, ControlFlowGraph graph, Func<IOperation, bool> isVariable)
    {
        var entries = new Stages[graph.Blocks.Length];
        var pending = new Stack<BasicBlock>();
        Enter(graph.Blocks[0], Stages.Unused);
        while (pending.Count > 0)
        {
            var block = pending.Pop();
            var stages = entries[block.Ordinal];
            Throw(block, stages);
            foreach (var operation in OperationsOf(block))
            {
                if ((stages & Stages.Awaited) != 0 && operation.Syntax == use && !IsWrite(use) && isVariable(operation))
                    return true;

                stages = After(stages, operation, isVariable);
                if (operation is IAwaitOperation || isVariable(operation))
                    Throw(block, stages);
            }

            foreach (var branch in (ReadOnlySpan<ControlFlowBranch?>)[block.ConditionalSuccessor, block.FallThroughSuccessor])
            {
                if (branch is null)
                    continue;

                // On the way out of a try, its finally comes first.
                var along = stages;
                foreach (var region in branch.FinallyRegions)
                {
                    Enter(graph.Blocks[region.FirstBlockOrdinal], along);
                    for (var ordinal = region.FirstBlockOrdinal; ordinal <= region.LastBlockOrdinal; ordinal++)
                    {
                        foreach (var operation in OperationsOf(graph.Blocks[ordinal]))
                            along = After(along, operation, isVariable);
                    }
                }

                if (branch.Destination is { } destination)
                    Enter(destination, along);
            }
        }

        return false;

        void Enter(BasicBlock block, Stages stages)
        {
            if ((entries[block.Ordinal] | stages) == entries[block.Ordinal])
                return;

            entries[block.Ordinal] |= stages;
            pending.Push(block);
        }

        void Throw(BasicBlock block, Stages stages)
        {
            for (var region = block.EnclosingRegion; region is not null; region = region.EnclosingRegion)
            {
                if (region is not { Kind: ControlFlowRegionKind.Try, EnclosingRegion: { } whole })
                    continue;

                foreach (var handler in whole.NestedRegions)
                {
                    if (handler != region)
                        Enter(graph.Blocks[handler.FirstBlockOrdinal], stages);
                }
            }
        }
    }

    private static IEnumerable<IOperation> OperationsOf(BasicBlock block) => LockFlow.Operations(block);

    private static Stages After(Stages stages, IOperation operation, Func<IOperation, bool> isVariable)
    {
        if (operation is IAwaitOperation)
            return (stages & Stages.Unused) | ((stages & (Stages.Used | Stages.Awaited)) != 0 ? Stages.Awaited : 0);

        return isVariable(operation) ? Stages.Used : stages;
    }

    // `x = y` and `x ??= y` give this thread its own value.
    private static bool IsWrite(SyntaxNode use) =>
        use.Parent is AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression or (int)SyntaxKind.CoalesceAssignmentExpression } assignment && assignment.Left == use;

    /// <summary>What may have happened to the variable where the function is.</summary>
    [Flags]
    private enum Stages
    {
        Unused = 1,
        Used = 2,
        Awaited = 4,
    }

    private static bool IsDefault(ExpressionSyntax value) => value switch
    {
        LiteralExpressionSyntax literal => literal.Kind() is SyntaxKind.NullLiteralExpression or SyntaxKind.DefaultLiteralExpression or SyntaxKind.FalseLiteralExpression || literal.Token.Value is 0 or 0L or 0d or 0f,
        DefaultExpressionSyntax => true,
        PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } forgiven => IsDefault(forgiven.Operand),
        CastExpressionSyntax cast => IsDefault(cast.Expression),
        _ => false,
    };
}
