namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Whether an object is fit to be locked on.</summary>
internal static class LockObject
{
    /// <summary>What is wrong with it, to follow "the lock is on"; null where nothing is.</summary>
    public static string? FlawOf(IOperation locked, ReassignedFields fields, KnownSymbols known, CancellationToken cancellationToken)
    {
        if (IsBoxing(locked))
            return "a box that is made anew each time, so that nobody ever waits";

        var value = AssignedValues.Unwrap(locked);
        if (value is IArrayCreationOperation or IAnonymousObjectCreationOperation
            || (value is IObjectCreationOperation { Type: INamedTypeSymbol { SpecialType: not SpecialType.System_Object } made } && !known.IsThreadAffineLock(made)))
        {
            return "an object that is made anew each time, so that nobody ever waits";
        }

        if (value is ILocalReferenceOperation local && AssignedValues.Of(local.Local, AssignedValues.Root(local)) is [var single])
        {
            if (IsBoxing(single))
                return "a box that is made anew each time, so that nobody ever waits";
            value = AssignedValues.Unwrap(single);
        }

        switch (value)
        {
            case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance, Type: { } own }:
                return IsOfPrivateType(own) ? null : "an instance that its users can lock on as well";
            case IFieldReferenceOperation { Field: { IsConst: false } field } when !IsShared(field.Type, known):
                return FlawOf(field, fields, cancellationToken);
            case IFieldReferenceOperation { Field: { IsConst: false, DeclaredAccessibility: Accessibility.Private, IsReadOnly: true, Type.Name: "Thread" } }:
                return null;
        }

        return value.Type switch
        {
            { SpecialType: SpecialType.System_String } => "a string, which is one for the whole process wherever its text occurs",
            { } type when IsOrDerives(type, known.MemberInfo) => "what describes a type, which is one for the whole process",
            { } type when IsShared(type, known) => "an object that is one for the whole process",
            _ => null,
        };
    }

    private static string? FlawOf(IFieldSymbol field, ReassignedFields fields, CancellationToken cancellationToken)
    {
        if (!field.Locations.Any(static location => location.IsInSource))
            return null;

        if (field.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal && IsVisible(field.ContainingType))
            return "a field that others can lock on as well";

        return !field.IsReadOnly && fields.Contains(field, cancellationToken) ? "a field that is assigned anew, so that two can be behind it" : null;
    }

    private static bool IsBoxing(IOperation operation) =>
        operation is IConversionOperation { OperatorMethod: null, Operand.Type: { IsValueType: true, TypeKind: not TypeKind.TypeParameter and not TypeKind.Error }, Type.IsReferenceType: true };

    // Type and its kin, threads, and the exceptions that the runtime keeps ready: everybody who asks gets the same object.
    private static bool IsShared(ITypeSymbol type, KnownSymbols known) =>
        type.SpecialType == SpecialType.System_String || IsOrDerives(type, known.MemberInfo) || IsOrDerives(type, known.ParameterInfo) || SymbolEqualityComparer.Default.Equals(type, known.Thread)
        || type is { Name: "OutOfMemoryException" or "StackOverflowException" or "ExecutionEngineException", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } };

    private static bool IsOrDerives(ITypeSymbol type, INamedTypeSymbol? known)
    {
        for (var one = type; one is not null && known is not null; one = one.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(one, known))
                return true;
        }

        return false;
    }

    // Nobody outside the type that declares it has such an instance, unless it hands one out.
    private static bool IsOfPrivateType(ITypeSymbol type) => type.DeclaredAccessibility == Accessibility.Private || type is INamedTypeSymbol { IsFileLocal: true };

    private static bool IsVisible(INamedTypeSymbol type)
    {
        for (var one = type; one is not null; one = one.ContainingType)
        {
            if (one.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal))
                return false;
        }

        return true;
    }
}
