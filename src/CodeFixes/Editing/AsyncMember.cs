using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.FindSymbols;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// Whether a member's signature may become that of an async one, and what changes with it: the members that it
/// overrides or implements, and those that override or implement it.
/// </summary>
internal static class AsyncMember
{
    private static readonly ImmutableHashSet<string> HarmlessAttributes =
        ["DataRowAttribute", "DataTestMethodAttribute", "FactAttribute", "InlineDataAttribute", "MemberDataAttribute", "NullableContextAttribute", "TestAttribute", "TestCaseAttribute", "TestMethodAttribute", "TheoryAttribute"];

    /// <summary>The member with all that must keep its signature; null where one of them can't change.</summary>
    public static async Task<IReadOnlyList<IMethodSymbol>?> FamilyAsync(IMethodSymbol member, Solution solution, CancellationToken cancellationToken)
    {
        var family = new List<IMethodSymbol> { member };
        var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default) { member };
        for (var i = 0; i < family.Count; i++)
        {
            var one = family[i];
            if (!CanChange(one))
                return null;

            if (one.MethodKind == MethodKind.LocalFunction)
                continue;

            if (one.OverriddenMethod is { } overridden)
                Add(overridden.OriginalDefinition);
            foreach (var contract in Contracts(one))
                Add(contract.OriginalDefinition);
            if (one.IsVirtual || one.IsAbstract || one.IsOverride)
            {
                foreach (var other in await SymbolFinder.FindOverridesAsync(one, solution, cancellationToken: cancellationToken).ConfigureAwait(false))
                    Add(other);
            }

            if (one.ContainingType.TypeKind == TypeKind.Interface)
            {
                foreach (var other in await SymbolFinder.FindImplementationsAsync(one, solution, cancellationToken: cancellationToken).ConfigureAwait(false))
                    Add(other);
            }
        }

        return family;

        void Add(ISymbol symbol)
        {
            if (symbol is IMethodSymbol method && seen.Add(method))
                family.Add(method);
        }
    }

    private static IEnumerable<IMethodSymbol> Contracts(IMethodSymbol method) => method.ExplicitInterfaceImplementations.Concat(
        method.ContainingType.AllInterfaces
            .SelectMany(contract => contract.GetMembers(method.Name))
            .OfType<IMethodSymbol>()
            .Where(member => SymbolEqualityComparer.Default.Equals(method.ContainingType.FindImplementationForInterfaceMember(member), method)));

    // Only where every caller is in sight, and nothing but the callers depends on the signature.
    private static bool CanChange(IMethodSymbol method) =>
        method.MethodKind is MethodKind.Ordinary or MethodKind.LocalFunction or MethodKind.ExplicitInterfaceImplementation
        && method.DeclaringSyntaxReferences is [var declaration]
        && declaration.GetSyntax() is MethodDeclarationSyntax or LocalFunctionStatementSyntax
        && !IsIterator(declaration.GetSyntax())
        && method is { IsExtern: false, ReturnsByRef: false, ReturnsByRefReadonly: false, IsPartialDefinition: false, PartialDefinitionPart: null, PartialImplementationPart: null }
        && !method.ReturnType.IsRefLikeType && method.ReturnType is not (IPointerTypeSymbol or IFunctionPointerTypeSymbol or { TypeKind: TypeKind.Dynamic })
        && method.Parameters.All(static parameter => parameter.RefKind == RefKind.None && !parameter.Type.IsRefLikeType && parameter.Type is not (IPointerTypeSymbol or IFunctionPointerTypeSymbol))
        && (method.MethodImplementationFlags & System.Reflection.MethodImplAttributes.Synchronized) == 0
        && method.GetAttributes().All(static attribute => attribute.AttributeClass is { Name: var name } && HarmlessAttributes.Contains(name))
        && !EntryPoint.Is(method)
        && !AsyncFunction.WorksOnCopy(method)
        && (method.MethodKind == MethodKind.LocalFunction || !IsVisibleOutside(method) || TestMethods.IsTestCode(method));

    private static bool IsIterator(SyntaxNode function) => EnclosingFunction.OwnNodes(function).Any(static node => node is YieldStatementSyntax);

    private static bool IsVisibleOutside(ISymbol symbol)
    {
        for (var current = symbol; current is not null and not INamespaceSymbol; current = current.ContainingSymbol)
        {
            if (current.DeclaredAccessibility is Accessibility.Private or Accessibility.Internal or Accessibility.ProtectedAndInternal)
                return current is IMethodSymbol { ExplicitInterfaceImplementations.IsEmpty: false } && IsVisibleOutside(current.ContainingSymbol);
        }

        return true;
    }
}
