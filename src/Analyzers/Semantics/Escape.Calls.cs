namespace ConcurrencyAnalyzers.Semantics;

/// <content>The object as an argument: what the called method does with it, and what comes out.</content>
internal sealed partial class Escape
{
    private void Pass(IArgumentOperation argument)
    {
        switch (argument.Parent)
        {
            case IObjectCreationOperation owner:
                _values.Enqueue(owner);
                break;
            case IInvocationOperation invocation:
                PassTo(invocation, argument);
                break;
            default:
                Reached(Reach.PassedOn);
                break;
        }
    }

    private void PassTo(IInvocationOperation invocation, IArgumentOperation argument)
    {
        var method = invocation.TargetMethod;
        if (argument.Parameter?.RefKind is RefKind.Ref or RefKind.Out || invocation.Arguments.Any(static one => one.Parameter?.RefKind is RefKind.Ref or RefKind.Out))
        {
            // Interlocked.CompareExchange(ref field, …), LazyInitializer.EnsureInitialized(ref field, …), Volatile.Write.
            _reach = Reach.Leaves;
        }
        else if (method.MethodKind == MethodKind.LocalFunction)
        {
            if (argument.Parameter is { } parameter)
                Carry(parameter.OriginalDefinition);
        }
        else if (method.IsExtensionMethod && argument.Parameter?.Ordinal == 0)
        {
            if (HandsOn(invocation))
                _values.Enqueue(invocation);
        }
        else if (IsNamespace(method.ContainingNamespace, "System", "Linq"))
        {
            _values.Enqueue(invocation);
        }
        else if (IsNamespace(method.ContainingNamespace, "Polly") && CanHold(invocation.Type))
        {
            // Policies and pipelines are wrapped into others.
            _values.Enqueue(invocation);
        }
        else if (method is { Name: "FromResult" } && IsNamespace(method.ContainingNamespace, "System", "Threading", "Tasks"))
        {
            _values.Enqueue(invocation);
        }
        else if (IsCollection(method.ContainingType) && invocation.Instance is { } collection)
        {
            StoreIn(collection);
        }
        else if (!OnlyUses(method, argument.Parameter))
        {
            Reached(Reach.PassedOn);
        }
    }

    // Methods that run what they are given, or look at it, and keep nothing.
    private static bool OnlyUses(IMethodSymbol method, IParameterSymbol? parameter) =>
        IsNamespace(method.ContainingNamespace, "System", "Threading", "Tasks")
        || IsNamespace(method.ContainingNamespace, "ConcurrencyAnalyzers", "Runtime")
        || (method.IsStatic && IsNamespace(method.ContainingNamespace, "System"))
        || (parameter is not null && ParameterUse.IsReceiverOnly(parameter));

    // What comes out of a call on the object: the object again (fluent calls), its elements, or what was made with it.
    private static bool HandsOn(IInvocationOperation invocation)
    {
        var method = invocation.TargetMethod;
        if (!CanHold(invocation.Type) || IsTask(invocation.Type))
            return false;

        if (IsNamespace(method.ContainingNamespace, "System", "Linq") || IsCollection(method.ContainingType))
            return true;

        // A fluent call on whatever builder it is called on; any other type parameter is what a delegate returns.
        if (method.IsExtensionMethod && SymbolEqualityComparer.Default.Equals(method.OriginalDefinition.ReturnType, method.OriginalDefinition.Parameters[0].Type))
            return true;

        return !IsOfTypeParameter(method.OriginalDefinition.ReturnType);
    }

    private static bool IsOfTypeParameter(ITypeSymbol type) =>
        type is ITypeParameterSymbol || (type is INamedTypeSymbol { TypeArguments: var arguments } && arguments.Any(static argument => argument is ITypeParameterSymbol { DeclaringMethod: not null }));

    private static bool CanHold(ITypeSymbol? type) =>
        type is not null and { SpecialType: not (SpecialType.System_Void or SpecialType.System_String), TypeKind: not TypeKind.Enum }
        && !(type.SpecialType >= SpecialType.System_Boolean && type.SpecialType <= SpecialType.System_Double);

    private static bool IsTask(ITypeSymbol? type) =>
        type is { Name: "Task" or "ValueTask" or "ConfiguredTaskAwaitable" or "ConfiguredValueTaskAwaitable" or "ConfiguredAsyncDisposable" };

    private static bool IsCollection(INamedTypeSymbol? type)
    {
        for (var space = type?.ContainingNamespace; space is { IsGlobalNamespace: false }; space = space.ContainingNamespace)
        {
            if (IsNamespace(space, "System", "Collections"))
                return true;
        }

        return false;
    }

    private static bool IsNamespace(INamespaceSymbol? space, params string[] names)
    {
        for (var i = names.Length - 1; i >= 0; i--, space = space.ContainingNamespace)
        {
            if (space is null || space.Name != names[i])
                return false;
        }

        return space is { IsGlobalNamespace: true };
    }
}
