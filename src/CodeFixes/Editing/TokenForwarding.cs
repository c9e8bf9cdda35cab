using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Offers a CancellationToken to the calls in a piece of code that could take one and are given none.</summary>
internal static class TokenForwarding
{
    /// <summary>
    /// The calls that take the token as a last argument, each with the argument that passes it under the given name. Code
    /// of functions further in, and clean-up, is left alone.
    /// </summary>
    public static IReadOnlyDictionary<InvocationExpressionSyntax, ArgumentSyntax> Offers(IEnumerable<SyntaxNode> code, string token, SemanticModel model, CancellationToken cancellationToken)
    {
        var known = KnownSymbols.Of(model.Compilation);
        var offers = new Dictionary<InvocationExpressionSyntax, ArgumentSyntax>();
        if (known.CancellationToken is not { } type)
            return offers;

        var slots = new TokenSlots(type);
        var calls = code.SelectMany(static node => node.DescendantNodesAndSelf(static inner => inner is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax))).OfType<InvocationExpressionSyntax>();
        foreach (var call in calls)
        {
            if (!CleanUpCode.Contains(call) && TokenArgument.Of(call, slots, model, known, cancellationToken) is { } argument && argument.Index >= call.ArgumentList.Arguments.Count)
                offers.Add(call, argument.Pass(SyntaxFactory.ParseExpression(token)));
        }

        return offers;
    }

    /// <summary>The call with one more argument.</summary>
    public static InvocationExpressionSyntax WithArgument(InvocationExpressionSyntax call, ArgumentSyntax argument) =>
        TokenArgument.Insert(call, argument, call.ArgumentList.Arguments.Count);
}
