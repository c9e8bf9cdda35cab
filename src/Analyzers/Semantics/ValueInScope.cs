using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Finds the value of a type (the CancellationToken, the TimeProvider) that code at a place would naturally use: a
/// parameter or initialised local of the innermost function that has one, or else a field or property of the type.
/// Where two of one level could be meant, the usual name decides; without it, there is none.
/// </summary>
internal static class ValueInScope
{
    private static readonly ImmutableHashSet<string> TokenNames = ["cancellationToken", "ct", "token"];

    /// <summary>The token to pass at that place, as the expression to write; null where there is none.</summary>
    public static string? CancellationToken(SemanticModel model, int position, KnownSymbols known) =>
        Write(TokenSymbol(model, position, known));

    /// <summary>The same as a symbol.</summary>
    public static ISymbol? TokenSymbol(SemanticModel model, int position, KnownSymbols known) =>
        known.CancellationToken is { } type ? Find(model, position, type, TokenNames.Contains) : null;

    /// <summary>The TimeProvider to use at that place, as the expression to write; null where there is none.</summary>
    public static string? TimeProvider(SemanticModel model, int position, KnownSymbols known) =>
        known.TimeProvider is { } type ? Write(Find(model, position, type, static name => name is "timeProvider" or "_timeProvider" or "clock")) : null;

    private static ISymbol? Find(SemanticModel model, int position, INamedTypeSymbol type, Func<string, bool> isUsualName)
    {
        if (model.GetEnclosingSymbol(position) is not { } enclosing)
            return null;

        var candidates = Declared(model, enclosing, position)
            .Where(symbol => !IsUnnamed(symbol) && SymbolEqualityComparer.Default.Equals(TypeOf(symbol), type) && IsUsable(symbol, enclosing, position)
                && (symbol is ILocalSymbol or IParameterSymbol { ContainingSymbol: IMethodSymbol { MethodKind: not MethodKind.Constructor } } || symbol.IsStatic || HasInstance(model, enclosing, position, isMember: symbol is not IParameterSymbol))
                && model.LookupSymbols(position, name: symbol.Name).Contains(symbol, SymbolEqualityComparer.Default))
            .ToList();
        if (candidates.Count == 0)
            return null;

        // From the innermost function outwards, and only then the members of the type.
        for (ISymbol? level = enclosing; level is IMethodSymbol; level = level.ContainingSymbol)
        {
            if (candidates.Any(symbol => SymbolEqualityComparer.Default.Equals(symbol.ContainingSymbol, level)))
                return Choose(candidates.Where(symbol => SymbolEqualityComparer.Default.Equals(symbol.ContainingSymbol, level)), isUsualName);
        }

        return Choose(candidates, name => isUsualName(name.TrimStart('_')));
    }

    // All that is in scope would include every type there is; these are the variables, nearest first, hidden ones among them.
    private static IEnumerable<ISymbol> Declared(SemanticModel model, ISymbol enclosing, int position)
    {
        for (ISymbol? function = enclosing; function is IMethodSymbol method; function = function.ContainingSymbol)
        {
            foreach (var parameter in method.Parameters)
                yield return parameter;
        }

        for (var node = model.SyntaxTree.GetRoot().FindToken(position).Parent; node is not null and not TypeDeclarationSyntax; node = node.Parent)
        {
            foreach (var declaration in DeclarationsIn(node))
            {
                foreach (var variable in declaration.Variables)
                {
                    if (variable.Initializer is not null && variable.Span.End <= position && model.GetDeclaredSymbol(variable) is { } local)
                        yield return local;
                }
            }
        }

        for (var type = enclosing as INamedTypeSymbol ?? enclosing.ContainingType; type is not null; type = type.ContainingType)
        {
            foreach (var constructor in type.InstanceConstructors)
            {
                if (constructor.DeclaringSyntaxReferences is [var reference] && reference.GetSyntax() is TypeDeclarationSyntax)
                {
                    foreach (var parameter in constructor.Parameters)
                        yield return parameter;
                }
            }

            for (var one = type; one is not null; one = one.BaseType)
            {
                foreach (var member in one.GetMembers())
                {
                    if (member is IFieldSymbol { IsImplicitlyDeclared: false } or IPropertySymbol)
                        yield return member;
                }
            }
        }
    }

    private static IEnumerable<VariableDeclarationSyntax> DeclarationsIn(SyntaxNode node) => node switch
    {
        BlockSyntax block => block.Statements.OfType<LocalDeclarationStatementSyntax>().Select(static statement => statement.Declaration),
        SwitchSectionSyntax section => section.Statements.OfType<LocalDeclarationStatementSyntax>().Select(static statement => statement.Declaration),
        CompilationUnitSyntax unit => unit.Members.OfType<GlobalStatementSyntax>().Select(static member => member.Statement).OfType<LocalDeclarationStatementSyntax>().Select(static statement => statement.Declaration),
        UsingStatementSyntax { Declaration: { } declaration } => [declaration],
        ForStatementSyntax { Declaration: { } declaration } => [declaration],
        _ => [],
    };

    private static ISymbol? Choose(IEnumerable<ISymbol> candidates, Func<string, bool> isUsualName)
    {
        var all = candidates.ToList();
        var usual = all.Count == 1 ? all : all.FindAll(symbol => isUsualName(symbol.Name));
        return usual.Count == 1 ? usual[0] : null;
    }

    /// <summary>The symbol's name as the code writes it.</summary>
    public static string? Write(ISymbol? symbol) =>
        symbol is null || SyntaxFacts.GetKeywordKind(symbol.Name) == SyntaxKind.None ? symbol?.Name : "@" + symbol.Name;

    private static ITypeSymbol? TypeOf(ISymbol symbol) => symbol switch
    {
        IParameterSymbol { RefKind: RefKind.None or RefKind.In or RefKind.RefReadOnlyParameter } parameter => parameter.Type,
        ILocalSymbol { RefKind: RefKind.None } local => local.Type,
        IFieldSymbol field => field.Type,
        IPropertySymbol { IsIndexer: false, GetMethod: not null } property => property.Type,
        _ => null,
    };

    private static bool IsUsable(ISymbol symbol, ISymbol enclosing, int position)
    {
        switch (symbol)
        {
            case ILocalSymbol local:
                // What is declared with a value before this place has one here; anything else may not.
                return local.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is VariableDeclaratorSyntax { Initializer: not null } declarator
                    && declarator.Span.End <= position
                    && !UnsetLocal.Is(declarator)
                    && CanCapture(local, enclosing);
            case IParameterSymbol parameter:
                return CanCapture(parameter, enclosing);
            case IFieldSymbol or IPropertySymbol:
                return symbol.IsStatic || !IsStaticContext(enclosing);
            default:
                return false;
        }
    }

    // `_` and `__`: who names a parameter so doesn't want it.
    private static bool IsUnnamed(ISymbol symbol) => symbol.Name.All(static letter => letter == '_');

    // Neither initialisers nor the arguments of another constructor have the object yet, and a struct's lambdas never have it.
    private static bool HasInstance(SemanticModel model, ISymbol enclosing, int position, bool isMember)
    {
        for (ISymbol? symbol = enclosing; symbol is not null and not ITypeSymbol; symbol = symbol.ContainingSymbol)
        {
            if (isMember && symbol is IFieldSymbol or IPropertySymbol)
                return false;

            if (symbol is IMethodSymbol { MethodKind: MethodKind.AnonymousFunction or MethodKind.LocalFunction, ContainingType.IsValueType: true })
                return false;
        }

        return !isMember || !model.SyntaxTree.GetRoot().FindToken(position).Parent!.Ancestors().Any(static node => node is ConstructorInitializerSyntax or PrimaryConstructorBaseTypeSyntax);
    }

    private static bool CanCapture(ISymbol variable, ISymbol enclosing)
    {
        for (ISymbol? function = enclosing; function is IMethodSymbol method; function = function.ContainingSymbol)
        {
            if (SymbolEqualityComparer.Default.Equals(variable.ContainingSymbol, method))
                return true;

            if (method.IsStatic && method.MethodKind is MethodKind.AnonymousFunction or MethodKind.LocalFunction)
                return false;
        }

        // A primary constructor's parameter is captured by the members of its type, the static ones apart.
        return variable is IParameterSymbol && !IsStaticContext(enclosing);
    }

    private static bool IsStaticContext(ISymbol enclosing)
    {
        for (ISymbol? symbol = enclosing; symbol is not null and not ITypeSymbol; symbol = symbol.ContainingSymbol)
        {
            if (symbol.IsStatic)
                return true;
        }

        return false;
    }
}
