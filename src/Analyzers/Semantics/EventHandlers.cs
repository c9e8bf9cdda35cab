using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Functions that an event or a command of a user interface calls: their signature isn't theirs to choose.</summary>
internal static class EventHandlers
{
    /// <summary>
    /// <c>(object sender, EventArgs e)</c>, also with a type derived from EventArgs or named like one, or the arguments
    /// alone.
    /// </summary>
    public static bool HaveShape(IMethodSymbol function) => function.Parameters switch
    {
        [var only] => IsEventArgs(only.Type),
        [_, var arguments] => IsEventArgs(arguments.Type),
        _ => false,
    };

    /// <summary>A lambda that is added to an event, or that a delegate of an event's shape is made of, or that a command runs.</summary>
    public static bool Include(IAnonymousFunctionOperation lambda, KnownSymbols known)
    {
        if (HaveShape(lambda.Symbol))
            return true;

        if (lambda.Parent is not IDelegateCreationOperation creation)
            return false;

        if (creation.Type is { Name: "EventHandler", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } })
            return true;

        var use = creation.Parent is IConversionOperation conversion ? conversion.Parent : creation.Parent;
        return use switch
        {
            IEventAssignmentOperation => true,
            IArgumentOperation { Parent: IObjectCreationOperation { Type: { } type } } => IsCommand(type, known),
            _ => false,
        };
    }

    /// <summary>A method or local function that its own type adds to an event, or that runs a command.</summary>
    public static bool Include(IMethodSymbol function, SyntaxNode declaration, KnownSymbols known)
    {
        if (HaveShape(function) || (function.Name == "Execute" && function.ContainingType is { } type && IsCommand(type, known)))
            return true;

        return declaration.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } around && around.DescendantNodes().Any(node =>
            node is AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.AddAssignmentExpression, Right: var right }
            && (right as IdentifierNameSyntax ?? (right as MemberAccessExpressionSyntax)?.Name as IdentifierNameSyntax)?.Identifier.ValueText == function.Name);
    }

    private static bool IsCommand(ITypeSymbol type, KnownSymbols known) =>
        known.ICommand is { } command && type.AllInterfaces.Contains(command, SymbolEqualityComparer.Default);

    private static bool IsEventArgs(ITypeSymbol type)
    {
        for (ITypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            if (current.Name.EndsWith("EventArgs", StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
