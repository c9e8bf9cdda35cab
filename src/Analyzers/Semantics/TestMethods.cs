using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Code of a test or a benchmark: a method that such a framework runs, or a class that has one. Frameworks are known by the names of their attributes.</summary>
internal static class TestMethods
{
    private static readonly ConditionalWeakTable<INamedTypeSymbol, StrongBox<bool>> Types = new();

    public static bool IsTestCode(ISymbol symbol)
    {
        for (ISymbol? current = symbol; current is not null and not INamespaceSymbol; current = current.ContainingSymbol)
        {
            if (current is IMethodSymbol method && IsTest(method))
                return true;

            if (current is INamedTypeSymbol type && Types.GetValue(type, static one => new(one.GetAttributes().Any(IsFixture) || one.GetMembers().OfType<IMethodSymbol>().Any(IsTest))).Value)
                return true;
        }

        return false;
    }

    private static bool IsTest(IMethodSymbol method) => method.GetAttributes().Any(static attribute =>
    {
        for (var type = attribute.AttributeClass; type is not null; type = type.BaseType)
        {
            var isTest = type.Name switch
            {
                "FactAttribute" or "TheoryAttribute" => IsIn(type, "Xunit") || IsIn(type, "NUnit"),
                "TestAttribute" => IsIn(type, "NUnit") || IsIn(type, "TUnit"),
                "TestCaseAttribute" or "TestCaseSourceAttribute" => IsIn(type, "NUnit"),
                "TestMethodAttribute" => IsIn(type, "Microsoft"),
                "BenchmarkAttribute" or "GlobalSetupAttribute" or "GlobalCleanupAttribute" or "IterationSetupAttribute" or "IterationCleanupAttribute" => IsIn(type, "BenchmarkDotNet"),
                _ => false,
            };
            if (isTest)
                return true;
        }

        return false;
    });

    private static bool IsFixture(AttributeData attribute) => attribute.AttributeClass is { Name: "TestFixtureAttribute" or "TestClassAttribute" or "SetUpFixtureAttribute" };

    private static bool IsIn(INamedTypeSymbol type, string root)
    {
        var space = type.ContainingNamespace;
        while (space is { ContainingNamespace: { IsGlobalNamespace: false } outer })
            space = outer;

        return space?.Name == root;
    }
}
