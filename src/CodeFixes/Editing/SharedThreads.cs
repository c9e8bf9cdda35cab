using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// The ThreadExecutor that a type's methods share, in a <c>private static readonly</c> field: the one that it has, or a
/// new one. What blocks runs there, and not on the thread pool.
/// </summary>
internal sealed class SharedThreads
{
    private readonly TypeDeclarationSyntax _declaration;
    private readonly INamedTypeSymbol _executor;
    private readonly bool _isNew;

    private SharedThreads(TypeDeclarationSyntax declaration, INamedTypeSymbol executor, string field, bool isNew) =>
        (_declaration, _executor, Field, _isNew) = (declaration, executor, field, isNew);

    public string Field { get; }

    /// <summary>Null where the runtime isn't referenced, or the code is in no type that can have the field once.</summary>
    public static SharedThreads? For(SyntaxNode code, SemanticModel model, CancellationToken cancellationToken)
    {
        if (KnownSymbols.Of(model.Compilation).ThreadExecutor is not { } executor
            || FieldIntroduction.TypeAround(code) is not { } declaration
            || model.GetDeclaredSymbol(declaration, cancellationToken) is not { IsGenericType: false } type)
        {
            return null;
        }

        var existing = type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => field is { IsStatic: true, IsReadOnly: true } && SymbolEqualityComparer.Default.Equals(field.Type, executor));
        return existing is not null
            ? new(declaration, executor, existing.Name, isNew: false)
            : new(declaration, executor, FieldName.For("threads", declaration, type), isNew: true);
    }

    /// <summary>A call of one of the executor's methods.</summary>
    public InvocationExpressionSyntax Call(string method, params IEnumerable<ExpressionSyntax> arguments)
    {
        var list = arguments.Select(SyntaxFactory.Argument).ToList();
        return SyntaxFactory.InvocationExpression(
            SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, SyntaxFactory.IdentifierName(Field), SyntaxFactory.IdentifierName(method)),
            SyntaxFactory.ArgumentList(SyntaxFactory.SeparatedList(list, Enumerable.Repeat(SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space]), list.Count - 1))));
    }

    /// <summary>Puts a node in the place of another of the type, and the field into the type where it lacks it.</summary>
    public SyntaxNode Replace(SyntaxNode root, SyntaxNode old, SyntaxNode changed, SyntaxGenerator generator)
    {
        if (!_isNew)
            return root.ReplaceNode(old, changed);

        var type = (TypeSyntax)generator.ImportedType(_executor);
        var creation = SyntaxFactory.ObjectCreationExpression(SyntaxFactory.Token(default, SyntaxKind.NewKeyword, [SyntaxFactory.Space]), type.WithoutTrivia(), SyntaxFactory.ArgumentList(), null);
        var field = FieldIntroduction.Field(Field, type, creation);
        var edited = _declaration.ReplaceNode(old, changed);
        return root.ReplaceNode(_declaration, FieldIntroduction.Add(edited, _declaration, field, "", [], null));
    }
}
