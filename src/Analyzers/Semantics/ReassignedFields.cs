using System.Collections.Concurrent;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The fields of a compilation that their type assigns outside of its constructors. One is made a compilation.</summary>
internal sealed class ReassignedFields
{
    private readonly ConcurrentDictionary<IFieldSymbol, bool> _fields = new(SymbolEqualityComparer.Default);

    /// <summary>Whether the field's own type gives it another value, other than one it gets where it had none.</summary>
    public bool Contains(IFieldSymbol field, CancellationToken cancellationToken)
    {
        field = field.OriginalDefinition;
        if (!_fields.TryGetValue(field, out var isReassigned))
        {
            isReassigned = field.ContainingType.DeclaringSyntaxReferences.Any(declaration => IsReassignedIn(declaration.GetSyntax(cancellationToken), field));
            _fields.TryAdd(field, isReassigned);
        }

        return isReassigned;
    }

    private static bool IsReassignedIn(SyntaxNode declaration, IFieldSymbol field)
    {
        foreach (var node in declaration.DescendantNodes())
        {
            if (node is AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression } assignment && Names(assignment.Left, field.Name) && !IsInConstructor(assignment, field) && !IsHidden(assignment, field.Name))
                return true;
        }

        return false;
    }

    private static bool Names(ExpressionSyntax target, string name) => target switch
    {
        IdentifierNameSyntax identifier => identifier.Identifier.ValueText == name,
        MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax or IdentifierNameSyntax } access => access.Name.Identifier.ValueText == name,
        _ => false,
    };

    // Before anybody else can have the object; in the initialiser of another one; or once, where it was null.
    private static bool IsInConstructor(SyntaxNode node, IFieldSymbol field)
    {
        foreach (var ancestor in node.Ancestors())
        {
            switch (ancestor)
            {
                case ConstructorDeclarationSyntax or InitializerExpressionSyntax:
                    return true;
                case IfStatementSyntax { Condition: var condition } when condition.ToString().Contains(field.Name) && condition.ToString().Contains("null"):
                    return true;
                case TypeDeclarationSyntax:
                    return false;
            }
        }

        return false;
    }

    // A local or a parameter of the same name.
    private static bool IsHidden(AssignmentExpressionSyntax assignment, string name)
    {
        if (assignment.Left is not IdentifierNameSyntax || assignment.Ancestors().FirstOrDefault(static one => one is BaseMethodDeclarationSyntax) is not BaseMethodDeclarationSyntax method)
            return false;

        return method.ParameterList.Parameters.Any(parameter => parameter.Identifier.ValueText == name)
            || method.DescendantNodes().OfType<VariableDeclaratorSyntax>().Any(variable => variable.Identifier.ValueText == name);
    }
}
