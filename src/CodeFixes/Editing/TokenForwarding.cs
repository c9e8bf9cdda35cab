namespace ConcurrencyAnalyzers.Editing;

/// <summary>Offers a CancellationToken to the calls in a piece of code that could take one and are given none.</summary>
internal static class TokenForwarding
{
    private const string AnyToken = "default(global::System.Threading.CancellationToken)";

    /// <summary>
    /// The calls that take the token, each with the argument that passes it under the given name. Code of functions
    /// further in, and clean-up, is left alone.
    /// </summary>
    public static IReadOnlyDictionary<InvocationExpressionSyntax, ArgumentSyntax> Offers(IEnumerable<SyntaxNode> code, string token, SemanticModel model, CancellationToken cancellationToken)
    {
        var known = KnownSymbols.Of(model.Compilation);
        var offers = new Dictionary<InvocationExpressionSyntax, ArgumentSyntax>();
        var calls = code.SelectMany(static node => node.DescendantNodesAndSelf(static inner => inner is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax))).OfType<InvocationExpressionSyntax>();
        foreach (var call in calls)
        {
            if (known.CancellationToken is { } type && !TokenScope.IsCleanUp(call) && Offer(call, token, type, model, cancellationToken) is { } argument)
                offers.Add(call, argument);
        }

        return offers;
    }

    /// <summary>The call with one more argument.</summary>
    public static InvocationExpressionSyntax WithArgument(InvocationExpressionSyntax call, ArgumentSyntax argument)
    {
        var arguments = call.ArgumentList.Arguments;
        return call.WithArgumentList(call.ArgumentList.WithArguments(arguments.Count == 0
            ? [argument]
            : SyntaxFactory.SeparatedList(arguments.Add(argument), arguments.GetSeparators().Concat([SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space])]))));
    }

    private static ArgumentSyntax? Offer(InvocationExpressionSyntax call, string token, INamedTypeSymbol type, SemanticModel model, CancellationToken cancellationToken)
    {
        if (model.GetSymbolInfo(call, cancellationToken).Symbol is not IMethodSymbol method || IsGivenOne(call, type, model, cancellationToken))
            return null;

        var optional = method.Parameters.FirstOrDefault(parameter => parameter.IsOptional && SymbolEqualityComparer.Default.Equals(parameter.Type, type));
        var name = optional?.Name ?? OverloadParameter(method, type);
        if (name is null)
            return null;

        // By position where that means the same parameter, else by name; the compiler says which.
        foreach (var isNamed in (ReadOnlySpan<bool>)[false, true])
        {
            var tried = WithArgument(call, Argument(AnyToken, isNamed ? name : null));
            if (model.GetSpeculativeSymbolInfo(call.SpanStart, tried, SpeculativeBindingOption.BindAsExpression).Symbol is IMethodSymbol bound
                && bound.Name == method.Name
                && SymbolEqualityComparer.Default.Equals(bound.ContainingType, method.ContainingType)
                && SymbolEqualityComparer.Default.Equals(bound.ReturnType, method.ReturnType)
                && bound.Parameters.Any(parameter => parameter.Name == name && SymbolEqualityComparer.Default.Equals(parameter.Type, type)))
            {
                return Argument(token, isNamed ? name : null);
            }
        }

        return null;
    }

    private static ArgumentSyntax Argument(string expression, string? name)
    {
        var argument = SyntaxFactory.Argument(SyntaxFactory.ParseExpression(expression));
        return name is null
            ? argument
            : argument.WithNameColon(SyntaxFactory.NameColon(SyntaxFactory.IdentifierName(name), SyntaxFactory.Token(default, SyntaxKind.ColonToken, [SyntaxFactory.Space])));
    }

    private static bool IsGivenOne(InvocationExpressionSyntax call, INamedTypeSymbol type, SemanticModel model, CancellationToken cancellationToken) =>
        call.ArgumentList.Arguments.Any(argument => model.GetTypeInfo(argument.Expression, cancellationToken) is var info
            && (SymbolEqualityComparer.Default.Equals(info.ConvertedType, type) || SymbolEqualityComparer.Default.Equals(info.Type, type)));

    // The name of the token of an overload with the same parameters and the token behind them.
    private static string? OverloadParameter(IMethodSymbol method, INamedTypeSymbol type)
    {
        var parameters = (method.ReducedFrom ?? method).OriginalDefinition.Parameters;
        return (method.ReducedFrom ?? method).ContainingType.OriginalDefinition.GetMembers(method.Name).OfType<IMethodSymbol>()
            .Where(overload => overload.Parameters.Length == parameters.Length + 1
                && SymbolEqualityComparer.Default.Equals(overload.Parameters[parameters.Length].Type, type)
                && !overload.GetAttributes().Any(static attribute => attribute.AttributeClass?.Name == "ObsoleteAttribute"))
            .Select(overload => overload.Parameters[parameters.Length].Name)
            .FirstOrDefault();
    }
}
