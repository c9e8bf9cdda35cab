using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What a method of this compilation does with an argument, as far as its syntax alone tells.</summary>
internal static class ParameterUse
{
    private static readonly ConditionalWeakTable<SyntaxNode, StrongBox<bool>> Called = new();

    /// <summary>
    /// Every use of the parameter calls it or reads a member of it, outside of delegates, so that the method can't have
    /// kept it. False where the method's body isn't known: it is virtual, or in another assembly.
    /// </summary>
    public static bool IsReceiverOnly(IParameterSymbol parameter)
    {
        if (Declaration(parameter) is not { } declaration || BodyOf(declaration) is not { } body)
            return false;

        foreach (var node in body.DescendantNodes())
        {
            if (node is IdentifierNameSyntax name && name.Identifier.ValueText == parameter.Name && !IsReceiver(name))
                return false;
        }

        return true;
    }

    /// <summary>
    /// A delegate that the method calls, before it returns, and does nothing else with. False where the method's body isn't
    /// known, or where it is asynchronous or an iterator.
    /// </summary>
    public static bool IsCalledInPlace(IParameterSymbol parameter)
    {
        parameter = parameter.OriginalDefinition;
        return parameter is { Type.TypeKind: TypeKind.Delegate, RefKind: RefKind.None, DeclaringSyntaxReferences: [var own] }
            && Declaration(parameter) is { } declaration && !declaration.Modifiers.Any(SyntaxKind.AsyncKeyword)
            && Called.GetValue(own.GetSyntax(), _ => new(IsOnlyCalled(parameter.Name, declaration))).Value;
    }

    private static bool IsOnlyCalled(string parameter, MethodDeclarationSyntax declaration)
    {
        var isCalled = false;
        foreach (var node in BodyOf(declaration)?.DescendantNodes() ?? [])
        {
            if (node is YieldStatementSyntax)
                return false;

            if (node is not IdentifierNameSyntax name || name.Identifier.ValueText != parameter || IsNullCheck(name))
                continue;

            if (!IsCalled(name) || IsInFunction(name))
                return false;

            isCalled = true;
        }

        return isCalled;
    }

    // work(), work.Invoke(), work?.Invoke()
    private static bool IsCalled(IdentifierNameSyntax name) => name.Parent switch
    {
        InvocationExpressionSyntax call => call.Expression == name,
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Invoke", Parent: InvocationExpressionSyntax } access => access.Expression == name,
        ConditionalAccessExpressionSyntax { WhenNotNull: InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax { Name.Identifier.ValueText: "Invoke" } } } access => access.Expression == name,
        _ => false,
    };

    private static bool IsNullCheck(IdentifierNameSyntax name) => name.Parent switch
    {
        BinaryExpressionSyntax comparison => comparison.Right.IsKind(SyntaxKind.NullLiteralExpression),
        IsPatternExpressionSyntax => true,
        ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call } => call.Expression is IdentifierNameSyntax { Identifier.ValueText: "nameof" } or MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ThrowIfNull" },
        _ => false,
    };

    // An override, or another implementation, may do anything.
    private static MethodDeclarationSyntax? Declaration(IParameterSymbol parameter) =>
        parameter.ContainingSymbol is IMethodSymbol { IsVirtual: false, IsAbstract: false, IsOverride: false, ContainingType.TypeKind: not TypeKind.Interface, DeclaringSyntaxReferences: [var declaration] }
            ? declaration.GetSyntax() as MethodDeclarationSyntax
            : null;

    private static SyntaxNode? BodyOf(MethodDeclarationSyntax declaration) => (SyntaxNode?)declaration.Body ?? declaration.ExpressionBody;

    private static bool IsReceiver(IdentifierNameSyntax name)
    {
        var isReceiver = name.Parent switch
        {
            MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax } access => access.Expression == name,
            ConditionalAccessExpressionSyntax { WhenNotNull: InvocationExpressionSyntax } access => access.Expression == name,
            _ => false,
        };
        return isReceiver && !IsInFunction(name);
    }

    private static bool IsInFunction(IdentifierNameSyntax name) =>
        name.Ancestors().TakeWhile(static node => node is not MethodDeclarationSyntax).Any(static node => node is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax);
}
