using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>A channel in a member of a type that the type completes itself: who reads or writes it hears of the end through that.</summary>
internal static class CompletedChannel
{
    /// <summary>Whether the operation calls the reader or writer of such a channel, for which the type doesn't use its token elsewhere.</summary>
    public static bool IsUsedBy(IOperation operation, INamedTypeSymbol? type, string token) =>
        operation is IInvocationOperation { Instance: { } receiver }
        && IsOfChannels(receiver.Type)
        && MemberOf(receiver) is { } member
        && type is not null
        && IsCompletedIn(type, member, token);

    // `_items` of `_items.Reader`, and `_writer` of its own.
    private static string? MemberOf(IOperation receiver) => AssignedValues.Unwrap(receiver) switch
    {
        IPropertyReferenceOperation { Instance: { } channel } end when IsOfChannels(end.Property.ContainingType) => MemberOf(channel),
        IMemberReferenceOperation { Instance: IInstanceReferenceOperation or null } reference => reference.Member.Name,
        _ => null,
    };

    private static bool IsOfChannels(ITypeSymbol? type) =>
        type is { ContainingNamespace: { Name: "Channels", ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" } } };

    // Where its token ends one side of the channel already, the other needs it as well.
    private static bool IsCompletedIn(INamedTypeSymbol type, string member, string token)
    {
        var isCompleted = false;
        foreach (var declaration in type.DeclaringSyntaxReferences)
        {
            foreach (var node in declaration.GetSyntax().DescendantNodes())
            {
                if (node is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var method, Expression: var end } } call || !Names(end, member))
                    continue;

                if (call.ArgumentList.Arguments.Any(argument => NameOf(argument.Expression) == token))
                    return false;
                isCompleted |= method is "Complete" or "TryComplete";
            }
        }

        return isCompleted;
    }

    // `_items.Writer` and `_items.Reader` with whatever is before them, and `_writer` of its own.
    private static bool Names(ExpressionSyntax end, string member) =>
        (end is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Writer" or "Reader", Expression: var channel } && NameOf(channel) == member) || NameOf(end) == member;

    private static string? NameOf(ExpressionSyntax expression) => expression switch
    {
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name } => name,
        IdentifierNameSyntax { Identifier.ValueText: var name } => name,
        _ => null,
    };
}
