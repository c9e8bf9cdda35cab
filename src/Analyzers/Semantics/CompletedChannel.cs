using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>A channel in a member of a type that the type completes itself: who reads or writes it hears of the end through that.</summary>
internal static class CompletedChannel
{
    /// <summary>Whether the operation calls the reader or writer of such a channel, or enumerates it.</summary>
    public static bool IsUsedBy(IOperation operation, INamedTypeSymbol? type) =>
        operation is IInvocationOperation { Instance: { } receiver }
        && IsOfChannels(receiver.Type)
        && MemberOf(receiver) is { } member
        && type is not null
        && IsCompletedIn(type, member);

    // `_items` of `_items.Reader`, and `_writer` of its own.
    private static string? MemberOf(IOperation receiver) => AssignedValues.Unwrap(receiver) switch
    {
        IPropertyReferenceOperation { Instance: { } channel } end when IsOfChannels(end.Property.ContainingType) => MemberOf(channel),
        IMemberReferenceOperation { Instance: IInstanceReferenceOperation or null } reference => reference.Member.Name,
        _ => null,
    };

    private static bool IsOfChannels(ITypeSymbol? type) =>
        type is { ContainingNamespace: { Name: "Channels", ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" } } };

    private static bool IsCompletedIn(INamedTypeSymbol type, string member)
    {
        foreach (var declaration in type.DeclaringSyntaxReferences)
        {
            foreach (var node in declaration.GetSyntax().DescendantNodes())
            {
                if (node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Complete" or "TryComplete", Expression: var completed } }
                    && Names(completed, member))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // `_items.Writer`, `this._items.Writer`, `self._items.Writer` and `_writer`.
    private static bool Names(ExpressionSyntax completed, string member) => completed switch
    {
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Writer", Expression: var channel } when Names(channel, member) => true,
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name } => name == member,
        IdentifierNameSyntax { Identifier.ValueText: var name } => name == member,
        _ => false,
    };
}
