using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Whether an operation can throw in a program that is otherwise right: calls into other code, and awaits.</summary>
internal static class ThrowingOperations
{
    public static bool CanThrow(IOperation operation) => operation switch
    {
        IInvocationOperation call => !IsHarmless(call.TargetMethod) && !IsTrivial(call.TargetMethod),
        IAwaitOperation or IThrowOperation => true,
        IObjectCreationOperation { Constructor: { } constructor } => !constructor.Parameters.IsEmpty && !IsOfSystem(constructor.ContainingType) && !IsTrivial(constructor),
        IPropertyReferenceOperation property => property.Property.IsIndexer && property.Instance?.Type?.Name is "Dictionary" or "IDictionary" or "SortedDictionary" && property.Parent is not IAssignmentOperation,
        _ => false,
    };

    // A method of this compilation, and no other in its place, that only computes and assigns.
    private static bool IsTrivial(IMethodSymbol method)
    {
        if (method.IsAbstract || method.IsVirtual || method.IsOverride || method.IsAsync || method.OriginalDefinition.DeclaringSyntaxReferences is not [var reference])
            return false;

        var declaration = reference.GetSyntax();
        return declaration is MethodDeclarationSyntax { ParameterList: not null } or LocalFunctionStatementSyntax or ConstructorDeclarationSyntax { Initializer: null }
            && declaration.Span.Length < 2000
            && declaration.DescendantNodes().All(static node => node is not (
                InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax or ElementAccessExpressionSyntax or ThrowStatementSyntax or ThrowExpressionSyntax
                or AwaitExpressionSyntax or YieldStatementSyntax or CheckedExpressionSyntax or CheckedStatementSyntax or CastExpressionSyntax { Type: not PredefinedTypeSyntax })
                && !node.IsKind(SyntaxKind.DivideExpression) && !node.IsKind(SyntaxKind.ModuloExpression));
    }

    // What adds to a collection, looks at it, counts, signals or writes a log.
    private static bool IsHarmless(IMethodSymbol method)
    {
        var type = method.ContainingType;
        switch (method.Name)
        {
            case "ToString" or "GetHashCode" or "Equals" or "ReferenceEquals" or "ConfigureAwait" or "GetType" or "IsNullOrEmpty" or "IsNullOrWhiteSpace":
                return true;
            case "Release" or "Exit" or "ReleaseMutex" or "ExitReadLock" or "ExitWriteLock" or "ExitUpgradeableReadLock" or "Enter" or "EnterReadLock" or "EnterWriteLock" or "EnterUpgradeableReadLock" or "Pulse" or "PulseAll":
                return IsOfSystem(type);
            case "Dispose" or "Set" or "Reset":
                return true;
        }

        if (method.Name.StartsWith("TrySet", StringComparison.Ordinal) || method.Name.StartsWith("Log", StringComparison.Ordinal) || type?.Name is "ILogger" or "Logger" or "ILog" or "Log" or "Debug" or "Trace" or "Console" or "Interlocked" or "Volatile" or "Stopwatch" or "Math" or "TimeSpan" or "DateTime" or "DateTimeOffset" or "Environment" or "GC")
            return true;

        // Instructions of the processor, and looking at memory in another way.
        if (type is { Name: "Unsafe" or "MemoryMarshal" or "BitConverter" or "BinaryPrimitives" or "BitOperations" } or { ContainingNamespace: { Name: "Intrinsics" } or { ContainingNamespace.Name: "Intrinsics" } })
            return true;

        return type?.ContainingNamespace is { } space && IsCollections(space) && !(method.Name is "Add" && type.Name.Contains("Dictionary"));
    }

    private static bool IsCollections(INamespaceSymbol space)
    {
        for (; space is { IsGlobalNamespace: false }; space = space.ContainingNamespace)
        {
            if (space is { Name: "Collections", ContainingNamespace.Name: "System" })
                return true;
        }

        return false;
    }

    private static bool IsOfSystem(INamedTypeSymbol? type)
    {
        var space = type?.ContainingNamespace;
        while (space is { ContainingNamespace: { IsGlobalNamespace: false } outer })
            space = outer;

        return space?.Name == "System";
    }
}
