using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// How a call that is given no CancellationToken could be given one: as which argument, and under which name where its
/// position doesn't tell. The compiler itself binds the call with the argument before anybody speaks of it.
/// </summary>
internal readonly struct TokenArgument(int index, string? name)
{
    private const string AnyToken = "default(global::System.Threading.CancellationToken)";

    /// <summary>Its place among the call's arguments.</summary>
    public int Index { get; } = index;

    /// <summary>Null where it can be passed by its position.</summary>
    public string? Name { get; } = name;

    /// <summary>Null where the call passes a token already, or none with the token would do the same and give the same.</summary>
    public static TokenArgument? Of(InvocationExpressionSyntax call, TokenSlots slots, SemanticModel model, KnownSymbols known, CancellationToken cancellationToken)
    {
        if (known.CancellationToken is not { } type
            || model.GetSymbolInfo(call, cancellationToken).Symbol is not IMethodSymbol method
            || slots.Of(method) is not { } slot
            || IsGivenOne(call, type, model, cancellationToken)
            || AsyncSibling.Standalone(call) is not { } standalone)
        {
            return null;
        }

        // By position where that means the same parameter, else by name; the compiler says which.
        var count = call.ArgumentList.Arguments.Count;
        var position = slot.Ordinal - (method.ReducedFrom is null ? 0 : 1);
        foreach (var tried in (ReadOnlySpan<TokenArgument>)[new(Math.Min(position, count), null), new(count, slot.Name)])
        {
            if (tried.Index < 0)
                continue;

            var given = tried.AddTo(standalone, SyntaxFactory.ParseExpression(AnyToken));
            if (model.GetSpeculativeSymbolInfo(call.SpanStart, given, SpeculativeBindingOption.BindAsExpression).Symbol is IMethodSymbol bound && IsSame(bound, method, slot.Name, type, call, known))
                return tried;
        }

        return null;
    }

    /// <summary>The call with the token as a further argument.</summary>
    public InvocationExpressionSyntax AddTo(InvocationExpressionSyntax call, ExpressionSyntax token) => Insert(call, Pass(token), Index);

    public ArgumentSyntax Pass(ExpressionSyntax token)
    {
        var argument = SyntaxFactory.Argument(token);
        return Name is null
            ? argument
            : argument.WithNameColon(SyntaxFactory.NameColon(SyntaxFactory.IdentifierName(Name), SyntaxFactory.Token(default, SyntaxKind.ColonToken, [SyntaxFactory.Space])));
    }

    /// <summary>The call with one more argument at that place.</summary>
    public static InvocationExpressionSyntax Insert(InvocationExpressionSyntax call, ArgumentSyntax argument, int index)
    {
        var arguments = call.ArgumentList.Arguments;
        if (arguments.Count == 0)
            return call.WithArgumentList(call.ArgumentList.WithArguments([argument]));

        var given = arguments.ToList();
        var separators = arguments.GetSeparators().ToList();
        index = Math.Min(index, given.Count);
        if (index < given.Count)
        {
            argument = argument.WithLeadingTrivia(given[index].GetLeadingTrivia());
            given[index] = given[index].WithLeadingTrivia();
        }

        var comma = SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space]);
        if (index == given.Count && given[index - 1].GetTrailingTrivia() is var behind && behind.Any(SyntaxKind.EndOfLineTrivia))
        {
            // A line of its own, as the one before has.
            comma = comma.WithTrailingTrivia(behind);
            argument = argument
                .WithLeadingTrivia(given[index - 1].GetLeadingTrivia().Where(static trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)))
                .WithTrailingTrivia(behind.Last(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia)));
            given[index - 1] = given[index - 1].WithTrailingTrivia();
        }

        given.Insert(index, argument);
        separators.Insert(Math.Min(index, separators.Count), comma);
        return call.WithArgumentList(call.ArgumentList.WithArguments(SyntaxFactory.SeparatedList(given, separators)));
    }

    private static bool IsGivenOne(InvocationExpressionSyntax call, INamedTypeSymbol type, SemanticModel model, CancellationToken cancellationToken)
    {
        foreach (var argument in call.ArgumentList.Arguments)
        {
            var info = model.GetTypeInfo(argument.Expression, cancellationToken);
            if (SymbolEqualityComparer.Default.Equals(info.ConvertedType, type) || SymbolEqualityComparer.Default.Equals(info.Type, type))
                return true;
        }

        return false;
    }

    private static bool IsSame(IMethodSymbol bound, IMethodSymbol method, string name, INamedTypeSymbol type, InvocationExpressionSyntax call, KnownSymbols known)
    {
        if (bound.Name != method.Name || !bound.Parameters.Any(parameter => parameter.Name == name && SymbolEqualityComparer.Default.Equals(parameter.Type, type)))
            return false;

        if (SymbolEqualityComparer.Default.Equals(bound.ReturnType, method.ReturnType))
            return true;

        // Awaited there and then, a ValueTask does what a Task does.
        return call.Parent is AwaitExpressionSyntax or MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Parent: InvocationExpressionSyntax { Parent: AwaitExpressionSyntax } }
            && bound.ReturnType.IsTaskOrValueTask(known) && method.ReturnType.IsTaskOrValueTask(known)
            && SymbolEqualityComparer.Default.Equals(bound.ReturnType.TaskResult(known), method.ReturnType.TaskResult(known));
    }
}
