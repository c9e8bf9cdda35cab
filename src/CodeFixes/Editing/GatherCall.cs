using System.Globalization;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Writes calls that run work for each element of a sequence, so many at a time.</summary>
internal static class GatherCall
{
    /// <summary><c>Gather.AllAsync(source, maxConcurrency: 32, work, cancellationToken: token)</c></summary>
    public static InvocationExpressionSyntax All(SyntaxGenerator generator, INamedTypeSymbol gather, ExpressionSyntax source, int maxConcurrency, ExpressionSyntax work, string? token) =>
        All(generator, gather, source, SyntaxFactory.ParseExpression(maxConcurrency.ToString(CultureInfo.InvariantCulture)), work, token);

    /// <summary>The same, with a limit that the code computes.</summary>
    public static InvocationExpressionSyntax All(SyntaxGenerator generator, INamedTypeSymbol gather, ExpressionSyntax source, ExpressionSyntax maxConcurrency, ExpressionSyntax work, string? token)
    {
        List<ArgumentSyntax> arguments =
        [
            SyntaxFactory.Argument(source.WithoutTrivia()),
            Named("maxConcurrency", maxConcurrency.WithoutTrivia()),
            SyntaxFactory.Argument(work.WithoutTrivia()),
        ];
        if (token is not null)
            arguments.Add(Named("cancellationToken", SyntaxFactory.ParseExpression(token)));

        return SyntaxFactory.InvocationExpression(generator.ImportedMember(gather, "AllAsync"), Arguments(arguments));
    }

    /// <summary><c>Parallel.ForEachAsync(source, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = token }, work)</c></summary>
    public static InvocationExpressionSyntax ForEach(SyntaxGenerator generator, KnownSymbols known, ExpressionSyntax source, int maxConcurrency, ExpressionSyntax work, string? token)
    {
        // Their namespace is that of Task, which the file names already.
        var settings = $"MaxDegreeOfParallelism = {maxConcurrency.ToString(CultureInfo.InvariantCulture)}" + (token is null ? "" : $", CancellationToken = {token}");
        var options = (ObjectCreationExpressionSyntax)SyntaxFactory.ParseExpression($"new ParallelOptions {{ {settings} }}");
        options = options.WithType(((TypeSyntax)generator.TypeExpression(known.ParallelOptions!)).WithTrailingTrivia(SyntaxFactory.Space));
        return SyntaxFactory.InvocationExpression(
            (ExpressionSyntax)generator.MemberAccessExpression(generator.TypeExpression(known.Parallel!), "ForEachAsync"),
            Arguments([SyntaxFactory.Argument(source.WithoutTrivia()), SyntaxFactory.Argument(options), SyntaxFactory.Argument(work.WithoutTrivia())]));
    }

    private static ArgumentSyntax Named(string name, ExpressionSyntax expression) =>
        SyntaxFactory.Argument(SyntaxFactory.NameColon(SyntaxFactory.IdentifierName(name), SyntaxFactory.Token(default, SyntaxKind.ColonToken, [SyntaxFactory.Space])), default, expression);

    private static ArgumentListSyntax Arguments(List<ArgumentSyntax> arguments) => SyntaxFactory.ArgumentList(SyntaxFactory.SeparatedList(
        arguments, Enumerable.Repeat(SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space]), arguments.Count - 1)));
}
