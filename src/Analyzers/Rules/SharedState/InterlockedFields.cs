using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>
/// The fields that their own types update through Interlocked. A type's text is searched for the name once, when the
/// first write of one of its fields asks; what is found there is bound only for the field that is asked for.
/// </summary>
internal sealed class InterlockedFields(Compilation compilation, INamedTypeSymbol interlocked)
{
    private const string Word = "Interlocked";

    private static readonly ConditionalWeakTable<SyntaxTree, string> Texts = new();

    private readonly ConcurrentDictionary<INamedTypeSymbol, ImmutableArray<IdentifierNameSyntax>> _arguments = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<IFieldSymbol, string?> _updates = new(SymbolEqualityComparer.Default);

    /// <summary>Whether the method counts up or down, so that a plain write beside it loses counts.</summary>
    public static bool IsArithmetic(string method) => method is "Increment" or "Decrement" or "Add";

    /// <summary>The method of Interlocked that updates the field, one that counts before all others; null where none does.</summary>
    public string? UpdateOf(IFieldSymbol field, CancellationToken cancellationToken)
    {
        if (!_arguments.TryGetValue(field.ContainingType, out var arguments))
            arguments = _arguments.GetOrAdd(field.ContainingType, Find(field.ContainingType, cancellationToken));

        foreach (var name in arguments)
        {
            if (name.Identifier.ValueText == field.Name)
                return _updates.GetOrAdd(field, one => Bind(one, arguments, cancellationToken));
        }

        return null;
    }

    // The text of most files doesn't have the word, which is found out faster than by looking at each of their tokens.
    private static ImmutableArray<IdentifierNameSyntax> Find(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        var found = ImmutableArray<IdentifierNameSyntax>.Empty;
        foreach (var declaration in type.DeclaringSyntaxReferences)
        {
            var text = Texts.GetValue(declaration.SyntaxTree, tree => tree.GetText(cancellationToken).ToString() is var whole && whole.IndexOf(Word, StringComparison.Ordinal) >= 0 ? whole : "");
            var end = Math.Min(declaration.Span.End, text.Length);
            for (var position = declaration.Span.Start; position < end && text.IndexOf(Word, position, end - position, StringComparison.Ordinal) is var next and >= 0; position = next + Word.Length)
                AddArguments(declaration.SyntaxTree.GetRoot(cancellationToken).FindToken(next), ref found);
        }

        return found;
    }

    private static void AddArguments(SyntaxToken token, ref ImmutableArray<IdentifierNameSyntax> found)
    {
        if (!token.IsKind(SyntaxKind.IdentifierToken) || token.ValueText != Word
            || token.Parent?.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var method }, ArgumentList.Arguments: var arguments }
            || method is "Read" or "MemoryBarrier")
        {
            return;
        }

        foreach (var argument in arguments)
        {
            if (argument.RefKindKeyword.IsKind(SyntaxKind.RefKeyword) && NameOf(argument.Expression) is { } name)
                found = found.Add(name);
        }
    }

    private static IdentifierNameSyntax? NameOf(ExpressionSyntax expression) => expression switch
    {
        IdentifierNameSyntax name => name,
        MemberAccessExpressionSyntax { Name: IdentifierNameSyntax member } => member,
        _ => null,
    };

    private string? Bind(IFieldSymbol field, ImmutableArray<IdentifierNameSyntax> arguments, CancellationToken cancellationToken)
    {
        string? update = null;
        foreach (var name in arguments)
        {
            if (name.Identifier.ValueText != field.Name || name.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } call || !compilation.ContainsSyntaxTree(name.SyntaxTree))
                continue;

#pragma warning disable RS1030 // Asked for once a field of that name is written, once a field.
            var model = compilation.GetSemanticModel(name.SyntaxTree);
#pragma warning restore RS1030
            if (!SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol?.OriginalDefinition, field)
                || model.GetSymbolInfo(call, cancellationToken).Symbol is not IMethodSymbol method
                || !SymbolEqualityComparer.Default.Equals(method.ContainingType, interlocked))
            {
                continue;
            }

            if (update is null || !IsArithmetic(update))
                update = method.Name;
        }

        return update;
    }
}
