namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Delegates that are handed to worker processes, and the variables or objects that they would have to take along.</summary>
internal static class ProcessWork
{
    /// <summary>Whether the argument is a delegate that a worker process is to call.</summary>
    public static bool Is(IArgumentOperation argument, IMethodSymbol method, KnownSymbols known) =>
        argument.Parameter is { Type.TypeKind: TypeKind.Delegate, Name: "work" or "initializer" } && IsOfExecutor(method, known);

    /// <summary>Whether the method is one of ProcessExecutor or of its options.</summary>
    public static bool IsOfExecutor(IMethodSymbol method, KnownSymbols known) =>
        method.ContainingType is { } type
        && (SymbolEqualityComparer.Default.Equals(type, known.ProcessExecutor) || SymbolEqualityComparer.Default.Equals(type, known.ProcessExecutorOptions));

    /// <summary>
    /// The first place in the delegate that needs what exists in this process only, and what that is; null where the
    /// delegate needs nothing, or where it isn't known what it is.
    /// </summary>
    public static (SyntaxNode Place, string What)? StateOf(IOperation work, CancellationToken cancellationToken) => AssignedValues.Unwrap(work) switch
    {
        IDelegateCreationOperation { Target: var target } => StateOf(target, cancellationToken),
        ILocalReferenceOperation { Local: { RefKind: RefKind.None } local } reference when AssignedValues.Single(local, AssignedValues.Root(reference)) is { } value and not ILocalReferenceOperation =>
            StateOf(value, cancellationToken) is { } state ? (reference.Syntax, state.What) : null,
        IAnonymousFunctionOperation { Symbol.IsStatic: false } lambda => StateOf(lambda, [], cancellationToken),
        IMethodReferenceOperation method => StateOf(method, [], cancellationToken),
        _ => null,
    };

    private static (SyntaxNode Place, string What)? StateOf(IMethodReferenceOperation reference, HashSet<ISymbol> visited, CancellationToken cancellationToken)
    {
        var method = reference.Method;
        if (method.MethodKind == MethodKind.LocalFunction)
            return StateOfLocalFunction(method, reference, visited, cancellationToken) is { } state ? (reference.Syntax, state) : null;

        // An extension method called on an object is bound to it.
        return method.IsStatic && reference.Instance is null ? null
            : reference.Instance is IInstanceReferenceOperation or null ? (reference.Syntax, "'this'")
            : (reference.Syntax, $"'{reference.Instance.Syntax}'");
    }

    private static (SyntaxNode Place, string What)? StateOf(IAnonymousFunctionOperation lambda, HashSet<ISymbol> visited, CancellationToken cancellationToken)
    {
        foreach (var operation in lambda.Body.Descendants())
        {
            if (CapturedIn(operation, lambda.Syntax, lambda, visited, cancellationToken) is { } what)
                return (operation.Syntax, what);
        }

        return null;
    }

    private static string? StateOfLocalFunction(IMethodSymbol function, IOperation mention, HashSet<ISymbol> visited, CancellationToken cancellationToken)
    {
        function = function.OriginalDefinition;
        if (function.IsStatic || !visited.Add(function))
            return null;

        var declaration = AssignedValues.Root(mention).Descendants().OfType<ILocalFunctionOperation>().FirstOrDefault(one => SymbolEqualityComparer.Default.Equals(one.Symbol, function));
        return declaration?.Descendants().Select(operation => CapturedIn(operation, declaration.Syntax, declaration, visited, cancellationToken)).FirstOrDefault(static what => what is not null);
    }

    private static string? CapturedIn(IOperation operation, SyntaxNode function, IOperation around, HashSet<ISymbol> visited, CancellationToken cancellationToken) => operation switch
    {
        { Parent: INameOfOperation } => null,
        IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance } => "'this'",
        ILocalReferenceOperation { Local: { IsConst: false } local } when !IsWithin(local, function, cancellationToken) => $"'{local.Name}'",
        IParameterReferenceOperation { Parameter: var parameter } when !IsWithin(parameter, function, cancellationToken) => $"'{parameter.Name}'",
        IInvocationOperation { TargetMethod: { MethodKind: MethodKind.LocalFunction } called } when !IsWithin(called, function, cancellationToken) => StateOfLocalFunction(called, around, visited, cancellationToken),
        IMethodReferenceOperation { Method: { MethodKind: MethodKind.LocalFunction } called } when !IsWithin(called, function, cancellationToken) => StateOfLocalFunction(called, around, visited, cancellationToken),
        _ => null,
    };

    private static bool IsWithin(ISymbol symbol, SyntaxNode function, CancellationToken cancellationToken)
    {
        foreach (var declaration in symbol.DeclaringSyntaxReferences)
        {
            if (declaration.SyntaxTree == function.SyntaxTree && function.Span.Contains(declaration.Span))
                return true;
        }

        cancellationToken.ThrowIfCancellationRequested();

        // `value` of a setter, and parameters that only a delegate's type declares, have no declaration.
        return symbol.DeclaringSyntaxReferences.IsEmpty && !symbol.IsImplicitlyDeclared;
    }
}
