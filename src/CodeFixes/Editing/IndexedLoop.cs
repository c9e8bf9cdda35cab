using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// A loop over indices, <c>for (var i = 0; i &lt; n; i++)</c>, as work for each element of a sequence: of the collection
/// that it indexes, where it does nothing else with the index, or of the indices.
/// </summary>
internal static class IndexedLoop
{
    public static (ExpressionSyntax Source, FannedOutBody Body)? Of(TaskFanOut fanOut, ForStatementSyntax loop, SemanticModel model, CancellationToken cancellationToken)
    {
        if (loop is not
            {
                Declaration.Variables: [{ Identifier: var index, Initializer.Value: LiteralExpressionSyntax { Token.Value: 0 } }],
                Condition: BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LessThanExpression, Left: IdentifierNameSyntax compared, Right: var count },
                Incrementors: [PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PostIncrementExpression } or PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression }],
            }
            || compared.Identifier.ValueText != index.ValueText
            || FannedOutBody.OfLoop(fanOut, loop.Statement, loop.CloseParenToken, index.Text) is not { Filter.IsNone: true } body)
        {
            return null;
        }

        if (fanOut.Start.Syntax is AssignmentExpressionSyntax { Left: ElementAccessExpressionSyntax { Expression: IdentifierNameSyntax array, ArgumentList.Arguments: [{ Expression: IdentifierNameSyntax place }] } })
        {
            if (place.Identifier.ValueText != index.ValueText || SizeOf(array, count, model, cancellationToken) is not { } size)
                return null;

            count = size;
        }
        else if (fanOut.Start.Syntax is AssignmentExpressionSyntax && fanOut.Start is not ISimpleAssignmentOperation { Target: IDiscardOperation })
        {
            return null;
        }

        var mentions = body.Nodes.SelectMany(static node => node.DescendantNodesAndSelf()).OfType<IdentifierNameSyntax>().Where(name => name.Identifier.ValueText == index.ValueText).ToList();
        if (count is MemberAccessExpressionSyntax { Expression: var collection, Name.Identifier.ValueText: "Count" or "Length" }
            && mentions.TrueForAll(name => Fetched(name) is { } fetched && SyntaxFactory.AreEquivalent(fetched.Expression, collection)))
        {
            var element = FreshName.In(body.Code, model, FreshName.ForElementOf(collection), "item", "element");
            return (collection, body.With(element, mentions.ToDictionary(name => (SyntaxNode)Fetched(name)!, name => (SyntaxNode)SyntaxFactory.IdentifierName(element).WithTriviaFrom(Fetched(name)!))));
        }

        return (SyntaxFactory.ParseExpression($"{KnownSymbols.Of(model.Compilation).Enumerable!.ToMinimalDisplayString(model, loop.SpanStart)}.Range(0, {count.WithoutTrivia()})"), body);
    }

    // An array of tasks is filled from end to end: it has as many places as the loop has turns.
    private static ExpressionSyntax? SizeOf(IdentifierNameSyntax array, ExpressionSyntax count, SemanticModel model, CancellationToken cancellationToken)
    {
        if (model.GetSymbolInfo(array, cancellationToken).Symbol is not ILocalSymbol { DeclaringSyntaxReferences: [var declaration] }
            || declaration.GetSyntax(cancellationToken) is not VariableDeclaratorSyntax { Initializer.Value: ArrayCreationExpressionSyntax { Initializer: null, Type.RankSpecifiers: [{ Sizes: [var size] }] } })
        {
            return null;
        }

        var isOwnLength = count is MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax owner, Name.Identifier.ValueText: "Length" } && owner.Identifier.ValueText == array.Identifier.ValueText;
        return isOwnLength || SyntaxFactory.AreEquivalent(count, size) ? size : null;
    }

    private static ElementAccessExpressionSyntax? Fetched(IdentifierNameSyntax index) =>
        index.Parent is ArgumentSyntax { Parent: BracketedArgumentListSyntax { Arguments.Count: 1, Parent: ElementAccessExpressionSyntax access } } && access.Parent is not AssignmentExpressionSyntax ? access : null;
}
