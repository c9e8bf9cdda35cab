using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Blocking wraps the task's exception into an AggregateException, awaiting doesn't: a handler of it would be dead.</summary>
internal static class BlockingCatch
{
    public static bool IsAround(SyntaxNode node, SemanticModel model, CancellationToken cancellationToken)
    {
        var aggregate = KnownSymbols.Of(model.Compilation).AggregateException;
        var function = EnclosingFunction.Of(node);
        return node.Ancestors().TakeWhile(ancestor => ancestor != function).OfType<TryStatementSyntax>()
            .Where(statement => statement.Block.Span.Contains(node.Span))
            .SelectMany(static statement => statement.Catches)
            .Any(clause => clause.Declaration is { } declaration && SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(declaration.Type, cancellationToken).Type, aggregate));
    }
}
