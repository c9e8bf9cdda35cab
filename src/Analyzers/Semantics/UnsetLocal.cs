using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>A local that never has a value worth passing on: <c>var token = CancellationToken.None;</c>, and nothing else is assigned.</summary>
internal static class UnsetLocal
{
    private static readonly ConditionalWeakTable<VariableDeclaratorSyntax, StrongBox<bool>> Answers = new();

    public static bool Is(VariableDeclaratorSyntax declarator) =>
        declarator.Initializer is { Value: var value } && IsNone(value) && Answers.GetValue(declarator, static one => new(!IsWrittenLater(one))).Value;

    private static bool IsNone(ExpressionSyntax value) => value switch
    {
        LiteralExpressionSyntax literal => literal.IsKind(SyntaxKind.DefaultLiteralExpression) || literal.IsKind(SyntaxKind.NullLiteralExpression),
        DefaultExpressionSyntax => true,
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "None", Expression: var type } => type is IdentifierNameSyntax { Identifier.ValueText: "CancellationToken" } or MemberAccessExpressionSyntax { Name.Identifier.ValueText: "CancellationToken" },
        _ => false,
    };

    private static bool IsWrittenLater(VariableDeclaratorSyntax declarator)
    {
        var name = declarator.Identifier.ValueText;
        var scope = declarator.FirstAncestorOrSelf<StatementSyntax>() is { Parent: GlobalStatementSyntax or BlockSyntax or SwitchSectionSyntax } statement
            ? statement.Parent is GlobalStatementSyntax global ? global.Parent! : statement.Parent!
            : declarator.SyntaxTree.GetRoot();
        return scope.DescendantNodes().Any(node => node is IdentifierNameSyntax mention && mention.Identifier.ValueText == name && mention.Parent switch
        {
            AssignmentExpressionSyntax assignment => assignment.Left == mention,
            ArgumentSyntax argument => !argument.RefKindKeyword.IsKind(SyntaxKind.None) || argument.Parent is TupleExpressionSyntax,
            RefExpressionSyntax or PrefixUnaryExpressionSyntax => true,
            _ => false,
        });
    }
}
