using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// The asynchronous method that a synchronous call could await instead: <c>ReadAsync</c> for <c>Read</c>. The compiler
/// itself binds it, in the call's place and with the call's own arguments, before anybody speaks of it.
/// </summary>
internal sealed class AsyncSibling
{
    private const string AnyToken = "default(global::System.Threading.CancellationToken)";

    private AsyncSibling(IMethodSymbol method, string name, bool needsToken, KnownSymbols known)
    {
        Method = method;
        Name = name;
        NeedsToken = needsToken;
        IsSequence = !method.ReturnType.IsTaskOrValueTask(known);
    }

    public IMethodSymbol Method { get; }

    public string Name { get; }

    /// <summary>Whether there is only a method that must be given a token.</summary>
    public bool NeedsToken { get; }

    /// <summary>Whether it gives a sequence to <c>await foreach</c>, and no task.</summary>
    public bool IsSequence { get; }

    /// <summary>Null where no method of that name takes the same arguments and gives a task of the same result, or an asynchronous sequence of the same elements.</summary>
    public static AsyncSibling? Of(InvocationExpressionSyntax call, string name, SemanticModel model, KnownSymbols known)
    {
        if (WithName(call, name) is not { } renamed || model.GetSymbolInfo(call).Symbol is not IMethodSymbol method)
            return null;

        // Each may be the one that binds: without a token, or only with one.
        var count = GivenParameters(call, method);
        if (Bind(renamed, call, model) is { } without && IsSibling(without, method, count, known))
            return new(without, name, needsToken: false, known);

        var given = WithToken(renamed, AnyToken, null);
        return known.CancellationToken is not null && Bind(given, call, model) is { } with && IsSibling(with, method, count, known)
            ? new(with, name, needsToken: true, known)
            : null;
    }

    /// <summary>
    /// The call of the sibling, given the token if there is one and the call doesn't pass one already; null where the
    /// token that it needs is missing.
    /// </summary>
    public InvocationExpressionSyntax Call(InvocationExpressionSyntax call, string? token, SemanticModel model, KnownSymbols known)
    {
        var renamed = WithName(call, Name)!;
        if (NeedsToken)
            return WithToken(Given(call, renamed), token ?? "default", null);

        if (token is null || known.CancellationToken is not { } type || PassesToken(call, type, model))
            return Given(call, renamed);

        // By position where that means the token, else by its name; the compiler says which.
        var name = TokenParameter(Method, type) ?? OverloadWithToken(Method, type);
        foreach (var byName in (ReadOnlySpan<bool>)[false, true])
        {
            if (name is not null
                && Bind(WithToken(renamed, AnyToken, byName ? name : null), call, model) is { } bound
                && IsAwaitedAlike(bound.ReturnType, call, known)
                && bound.Parameters.Any(parameter => parameter.Name == name && SymbolEqualityComparer.Default.Equals(parameter.Type, type)))
            {
                return WithToken(Given(call, renamed), token, byName ? name : null);
            }
        }

        return Given(call, renamed);
    }

    // What is awaited may be a ValueTask as well, unless a null takes its place: `x?.Send()`.
    private bool IsAwaitedAlike(ITypeSymbol type, InvocationExpressionSyntax call, KnownSymbols known) =>
        SymbolEqualityComparer.Default.Equals(type, Method.ReturnType)
        || (call.Expression is not MemberBindingExpressionSyntax && type.IsTaskOrValueTask(known) && Method.ReturnType.IsTaskOrValueTask(known)
            && SymbolEqualityComparer.Default.Equals(type.TaskResult(known), Method.ReturnType.TaskResult(known)));

    /// <summary>Whether one of the call's arguments is a token.</summary>
    public static bool PassesToken(InvocationExpressionSyntax call, INamedTypeSymbol type, SemanticModel model) =>
        call.ArgumentList.Arguments.Any(argument => SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(argument.Expression).ConvertedType, type));

    private static IMethodSymbol? Bind(InvocationExpressionSyntax renamed, InvocationExpressionSyntax call, SemanticModel model) =>
        model.GetSpeculativeSymbolInfo(call.SpanStart, renamed, SpeculativeBindingOption.BindAsExpression).Symbol as IMethodSymbol;

    // Of the arguments that a params parameter takes there may be none, and then it needs no counterpart.
    private static int GivenParameters(InvocationExpressionSyntax call, IMethodSymbol method)
    {
        var count = method.Parameters.Length;
        return count > 0 && method.Parameters[count - 1].IsParams && call.ArgumentList.Arguments.Count < count && call.ArgumentList.Arguments.All(static argument => argument.NameColon is null) ? count - 1 : count;
    }

    private static bool IsSibling(IMethodSymbol sibling, IMethodSymbol method, int count, KnownSymbols known)
    {
        if (IsObsolete(sibling) || !IsSameKind(sibling, method) || !(sibling.ReturnType.IsTaskOrValueTask(known) ? HasSameResult(sibling, method, known) : HasSameElements(sibling, method, known)))
            return false;

        // Beside the call's own parameters it may have a token, and nothing else.
        if (sibling.Parameters.Length < count)
            return false;

        for (var i = 0; i < sibling.Parameters.Length; i++)
        {
            var type = sibling.Parameters[i].Type;
            var isSame = i < method.Parameters.Length && IsSameType(type, method.Parameters[i].Type);
            if (!isSame && (i < count || !SymbolEqualityComparer.Default.Equals(type, known.CancellationToken)))
                return false;
        }

        return true;
    }

    private static bool HasSameResult(IMethodSymbol sibling, IMethodSymbol method, KnownSymbols known)
    {
        var result = sibling.ReturnType.TaskResult(known);
        return method.ReturnsVoid ? result is null : SymbolEqualityComparer.Default.Equals(result, method.ReturnType);
    }

    private static bool HasSameElements(IMethodSymbol sibling, IMethodSymbol method, KnownSymbols known)
    {
        return ElementOf(sibling.ReturnType, type => SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, known.AsyncEnumerable)) is { } element
            && SymbolEqualityComparer.Default.Equals(element, ElementOf(method.ReturnType, static type => type.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T));

        static ITypeSymbol? ElementOf(ITypeSymbol sequence, Func<INamedTypeSymbol, bool> isContract) =>
            sequence is INamedTypeSymbol named ? named.AllInterfaces.Add(named).FirstOrDefault(isContract)?.TypeArguments[0] : null;
    }

    /// <summary>The loop that enumerates what the call gives; null where something else does.</summary>
    public static ForEachStatementSyntax? LoopOver(InvocationExpressionSyntax call) =>
        call.Parent is ForEachStatementSyntax { AwaitKeyword.RawKind: 0 } loop && loop.Expression == call ? loop : null;

    // Both of one object, or extension methods of one class; Entity Framework's stand beside LINQ's.
    private static bool IsSameKind(IMethodSymbol sibling, IMethodSymbol method) =>
        sibling.MethodKind == method.MethodKind
        && sibling.IsStatic == method.IsStatic
        && (sibling.MethodKind != MethodKind.ReducedExtension || SymbolEqualityComparer.Default.Equals(sibling.ContainingType, method.ContainingType) || DatabaseQuery.IsOfEntityFramework(sibling.ContainingType));

    // A span can't wait for anything; its counterpart is a memory, and an array's may be, too.
    private static bool IsSameType(ITypeSymbol type, ITypeSymbol other) =>
        SymbolEqualityComparer.Default.Equals(type, other)
        || (type is ITypeParameterSymbol && other is ITypeParameterSymbol)
        // The lines of a file, as an array and as any sequence.
        || (type.TypeKind == TypeKind.Interface && other.AllInterfaces.Contains(type, SymbolEqualityComparer.Default))
        || (other is INamedTypeSymbol { Name: "Span" or "ReadOnlySpan", TypeArguments: [var element] }
            && type is INamedTypeSymbol { Name: "Memory" or "ReadOnlyMemory", TypeArguments: [var own] } && SymbolEqualityComparer.Default.Equals(element, own))
        || (other is IArrayTypeSymbol { ElementType: var item }
            && type is INamedTypeSymbol { Name: "Memory" or "ReadOnlyMemory" or "ArraySegment", TypeArguments: [var part] } && SymbolEqualityComparer.Default.Equals(item, part));

    private static bool IsObsolete(IMethodSymbol method) =>
        method.GetAttributes().Any(static attribute => attribute.AttributeClass?.Name is "ObsoleteAttribute");

    private static string? TokenParameter(IMethodSymbol method, INamedTypeSymbol type) =>
        method.Parameters.FirstOrDefault(parameter => SymbolEqualityComparer.Default.Equals(parameter.Type, type))?.Name;

    private static string? OverloadWithToken(IMethodSymbol method, INamedTypeSymbol type)
    {
        var definition = (method.ReducedFrom ?? method).OriginalDefinition;
        foreach (var overload in definition.ContainingType.GetMembers(method.Name).OfType<IMethodSymbol>())
        {
            if (overload.Parameters.Length == definition.Parameters.Length + 1 && SymbolEqualityComparer.Default.Equals(overload.Parameters[definition.Parameters.Length].Type, type) && !IsObsolete(overload))
                return overload.Parameters[definition.Parameters.Length].Name;
        }

        return null;
    }

    /// <summary>The call as one that the compiler can bind by itself, where it is part of <c>x?.Read()</c>; null where it can't be had.</summary>
    public static InvocationExpressionSyntax? Standalone(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax member => HasBinding(member.Expression) ? null : call,
        MemberBindingExpressionSyntax { Name: var name } => WithName(call, name.Identifier.Text),
        _ => call,
    };

    // In `x?.Read()` the receiver is taken along, so that the call can be bound by itself.
    private static InvocationExpressionSyntax? WithName(InvocationExpressionSyntax call, string name) => call.Expression switch
    {
        SimpleNameSyntax simple => call.WithExpression(Renamed(simple, name)),
        MemberAccessExpressionSyntax { RawKind: (int)SyntaxKind.SimpleMemberAccessExpression } member => HasBinding(member.Expression) ? null : call.WithExpression(member.WithName(Renamed(member.Name, name))),
        MemberBindingExpressionSyntax binding when call.Parent is ConditionalAccessExpressionSyntax { Expression: var receiver } access && access.WhenNotNull == call && !HasBinding(receiver) =>
            call.WithExpression(SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, SyntaxFactory.ParenthesizedExpression(receiver.WithoutTrivia()), Renamed(binding.Name, name))),
        _ => null,
    };

    private static InvocationExpressionSyntax Given(InvocationExpressionSyntax call, InvocationExpressionSyntax renamed) =>
        call.Expression is MemberBindingExpressionSyntax binding && renamed.Expression is MemberAccessExpressionSyntax { Name: var name }
            ? renamed.WithExpression(binding.WithName(name))
            : renamed;

    private static bool HasBinding(SyntaxNode receiver)
    {
        for (SyntaxNode? current = receiver; current is not null;)
        {
            switch (current)
            {
                case MemberBindingExpressionSyntax or ElementBindingExpressionSyntax:
                    return true;
                case InvocationExpressionSyntax call:
                    current = call.Expression;
                    break;
                case MemberAccessExpressionSyntax member:
                    current = member.Expression;
                    break;
                case ElementAccessExpressionSyntax element:
                    current = element.Expression;
                    break;
                case PostfixUnaryExpressionSyntax suppressed:
                    current = suppressed.Operand;
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    private static SimpleNameSyntax Renamed(SimpleNameSyntax name, string newName) =>
        name.WithIdentifier(SyntaxFactory.Identifier(name.Identifier.LeadingTrivia, newName, name.Identifier.TrailingTrivia));

    private static InvocationExpressionSyntax WithToken(InvocationExpressionSyntax call, string token, string? name)
    {
        var argument = SyntaxFactory.Argument(SyntaxFactory.ParseExpression(token));
        if (name is not null)
            argument = argument.WithNameColon(SyntaxFactory.NameColon(SyntaxFactory.IdentifierName(name), SyntaxFactory.Token(default, SyntaxKind.ColonToken, [SyntaxFactory.Space])));

        return TokenArgument.Insert(call, argument, call.ArgumentList.Arguments.Count);
    }
}
