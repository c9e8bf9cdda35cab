using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>How many places a semaphore begins with, where its declaration says so: 1 makes a lock, 0 a signal.</summary>
internal static class SemaphorePlaces
{
    public static int? InitialCount(IOperation semaphore, CancellationToken cancellationToken)
    {
        ISymbol? symbol = AssignedValues.Unwrap(semaphore) switch
        {
            IFieldReferenceOperation field => field.Field,
            ILocalReferenceOperation local => local.Local,
            IPropertyReferenceOperation property => property.Property,
            _ => null,
        };
        var value = symbol?.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellationToken) switch
        {
            VariableDeclaratorSyntax variable => variable.Initializer?.Value,
            PropertyDeclarationSyntax property => property.Initializer?.Value,
            _ => null,
        };
        return value is BaseObjectCreationExpressionSyntax { ArgumentList.Arguments: [{ Expression: LiteralExpressionSyntax { Token.Value: int count } }, ..] } ? count : null;
    }
}
