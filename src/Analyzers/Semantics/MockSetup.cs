namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Calls that describe a call instead of making it: in an expression tree, or on a mock that is told what it will see
/// or asked what it has seen; and calls in a delegate of which an assertion wants to know what it throws.
/// </summary>
internal static class MockSetup
{
    private static readonly ImmutableHashSet<string> MockingNamespaces = ["FakeItEasy", "JustMock", "Moq", "NSubstitute", "Rhino"];

    public static bool Contains(IInvocationOperation call, KnownSymbols known)
    {
        for (var receiver = StartedTask.ReceiverOf(call); receiver is not null; receiver = ReceiverOf(receiver))
        {
            if (receiver is IInvocationOperation { TargetMethod: var method } && IsMocking(method))
                return true;
        }

        return ContainsDescription(call, known);
    }

    /// <summary>Whether the operation stands in an expression tree, in a mock's set-up or in what an assertion runs.</summary>
    public static bool ContainsDescription(IOperation operation, KnownSymbols known)
    {
        for (var current = operation; current is not null; current = current.Parent)
        {
            if (current is IAnonymousFunctionOperation lambda && IsDescription(lambda, known))
                return true;
        }

        return false;
    }

    private static IOperation? ReceiverOf(IOperation operation) => operation switch
    {
        IInvocationOperation invocation => StartedTask.ReceiverOf(invocation),
        IMemberReferenceOperation member => member.Instance,
        IConversionOperation conversion => conversion.Operand,
        _ => null,
    };

    private static bool IsDescription(IAnonymousFunctionOperation lambda, KnownSymbols known)
    {
        switch (lambda.Parent)
        {
            case IConversionOperation { Type: INamedTypeSymbol type }:
                return SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, known.ExpressionOfT);
            case IDelegateCreationOperation creation:
                var use = creation.Parent is IConversionOperation conversion ? conversion.Parent : creation.Parent;
                return use switch
                {
                    IArgumentOperation { Parent: IInvocationOperation { TargetMethod: var method } } => IsMocking(method) || IsThrowAssertion(method),
                    IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var local } } => IsAsserted(local, creation),
                    _ => false,
                };
            default:
                return false;
        }
    }

    private static bool IsMocking(IMethodSymbol method)
    {
        for (var space = method.ContainingNamespace; space is { IsGlobalNamespace: false }; space = space.ContainingNamespace)
        {
            if (MockingNamespaces.Contains(space.Name))
                return true;
        }

        return false;
    }

    // Assert.Throws<E>(() => …), Record.Exception(() => …), x.Invoking(y => …)
    private static bool IsThrowAssertion(IMethodSymbol method) =>
        method.Name.StartsWith("Throw", StringComparison.Ordinal)
        || (method.Name is "Catch" or "Exception" or "Invoking" or "That" && method.ContainingNamespace is not { IsGlobalNamespace: true });

    // Action act = () => …; act.Should().Throw<E>();
    private static bool IsAsserted(ILocalSymbol local, IOperation creation)
    {
        var root = creation;
        while (root.Parent is { } parent)
            root = parent;

        foreach (var operation in root.Descendants())
        {
            if (operation is not ILocalReferenceOperation reference || !SymbolEqualityComparer.Default.Equals(reference.Local, local))
                continue;

            var use = reference.Parent is IConversionOperation conversion ? conversion.Parent : reference.Parent;
            if (use is IArgumentOperation { Parent: IInvocationOperation { TargetMethod: var method } } && (method.Name.StartsWith("Should", StringComparison.Ordinal) || IsThrowAssertion(method)))
                return true;
        }

        return false;
    }
}
