using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Where a local, a local function or a private field is mentioned. Each body and each type is searched once for all of them.</summary>
internal static class VariableMentions
{
    private static readonly ConditionalWeakTable<IOperation, Dictionary<ISymbol, List<IOperation>>> Bodies = new();
    private static readonly ConditionalWeakTable<INamedTypeSymbol, Dictionary<string, List<SyntaxNode>>> Types = new();

    /// <summary>The local's declarators and references in the whole body around the operation, in order.</summary>
    public static IReadOnlyList<IOperation> Of(ILocalSymbol local, IOperation within) =>
        Bodies.GetValue(AssignedValues.Root(within), IndexLocals).TryGetValue(local, out var mentions) ? mentions : [];

    /// <summary>The local function's calls and conversions to delegates in the whole body around the operation, in order.</summary>
    public static IReadOnlyList<IOperation> Of(IMethodSymbol localFunction, IOperation within) =>
        Bodies.GetValue(AssignedValues.Root(within), IndexLocals).TryGetValue(localFunction.OriginalDefinition, out var mentions) ? mentions : [];

    /// <summary>
    /// The field's initialisers and references in all parts of its type; null where code elsewhere may use it, or
    /// where a mention is no operation.
    /// </summary>
    public static IReadOnlyList<IOperation>? Of(IFieldSymbol field, SemanticModel from, CancellationToken cancellationToken)
    {
        if (field is not { DeclaredAccessibility: Accessibility.Private, IsImplicitlyDeclared: false, ContainingType: { } type })
            return null;

        var mentions = new List<IOperation>();
        if (!Types.GetValue(type, one => IndexNames(one, cancellationToken)).TryGetValue(field.Name, out var names))
            return mentions;

        foreach (var name in names)
        {
            if (!from.Compilation.ContainsSyntaxTree(name.SyntaxTree))
                return null;

#pragma warning disable RS1030 // Asked for once a candidate is found, which is rare; the compiler keeps no model of other files for us.
            var model = name.SyntaxTree == from.SyntaxTree ? from : from.Compilation.GetSemanticModel(name.SyntaxTree);
#pragma warning restore RS1030
            if (name is VariableDeclaratorSyntax declarator)
            {
                if (declarator.Initializer is { } initializer && SymbolEqualityComparer.Default.Equals(model.GetDeclaredSymbol(declarator, cancellationToken), field))
                {
                    if (model.GetOperation(initializer, cancellationToken) is not { } value)
                        return null;

                    mentions.Add(value);
                }

                continue;
            }

            var reference = name.Parent switch
            {
                MemberAccessExpressionSyntax access when access.Name == name => access,
                MemberBindingExpressionSyntax binding => binding,
                _ => name,
            };
            if (model.GetOperation(reference, cancellationToken) is IFieldReferenceOperation operation)
            {
                if (SymbolEqualityComparer.Default.Equals(operation.Field.OriginalDefinition, field.OriginalDefinition))
                    mentions.Add(operation);
            }
            else if (SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol?.OriginalDefinition, field.OriginalDefinition))
            {
                return null;
            }
        }

        return mentions;
    }

    private static Dictionary<ISymbol, List<IOperation>> IndexLocals(IOperation root)
    {
        var index = new Dictionary<ISymbol, List<IOperation>>(SymbolEqualityComparer.Default);
        foreach (var operation in root.DescendantsAndSelf())
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation declarator:
                    Add(index, declarator.Symbol, declarator);
                    break;
                case ILocalReferenceOperation reference:
                    Add(index, reference.Local, reference);
                    break;
                case IInvocationOperation { TargetMethod: { MethodKind: MethodKind.LocalFunction } function }:
                    Add(index, function.OriginalDefinition, operation);
                    break;
                case IMethodReferenceOperation { Method: { MethodKind: MethodKind.LocalFunction } function }:
                    Add(index, function.OriginalDefinition, operation);
                    break;
            }
        }

        return index;
    }

    private static Dictionary<string, List<SyntaxNode>> IndexNames(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        var index = new Dictionary<string, List<SyntaxNode>>(StringComparer.Ordinal);
        var fields = new HashSet<string>(type.GetMembers().Where(static member => member is IFieldSymbol).Select(static member => member.Name), StringComparer.Ordinal);
        foreach (var part in type.DeclaringSyntaxReferences)
        {
            foreach (var node in part.GetSyntax(cancellationToken).DescendantNodes())
            {
                switch (node)
                {
                    case IdentifierNameSyntax name when fields.Contains(name.Identifier.ValueText):
                        Add(index, name.Identifier.ValueText, name);
                        break;
                    case VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax } declarator:
                        Add(index, declarator.Identifier.ValueText, declarator);
                        break;
                }
            }
        }

        return index;
    }

    private static void Add<TKey, TValue>(Dictionary<TKey, List<TValue>> index, TKey key, TValue value)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var values))
            index.Add(key, values = []);

        values.Add(value);
    }
}
