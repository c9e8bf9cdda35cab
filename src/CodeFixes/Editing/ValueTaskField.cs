using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// A private field that keeps a ValueTask, made to keep a Task: <c>ValueTask&lt;int&gt; _read;</c> … <c>_read = FAsync();</c> →
/// <c>Task&lt;int&gt; _read = Task.FromResult(default(int));</c> … <c>_read = FAsync().AsTask();</c>
/// </summary>
internal static class ValueTaskField
{
    /// <summary>The changed document; null where something is done with the field that isn't known to mean the same of a Task.</summary>
    public static async Task<Document?> ToTaskAsync(Document document, SyntaxNode root, SemanticModel model, ExpressionSyntax stored, CancellationToken cancellationToken)
    {
        if (stored.Parent is not AssignmentExpressionSyntax { Left: var target, Right: var right } || right != stored
            || model.GetSymbolInfo(target, cancellationToken).Symbol is not IFieldSymbol { DeclaredAccessibility: Accessibility.Private, ContainingType: { TypeKind: TypeKind.Class, DeclaringSyntaxReferences: [_] }, DeclaringSyntaxReferences: [var reference] } field
            || reference.SyntaxTree != root.SyntaxTree
            || await reference.GetSyntaxAsync(cancellationToken).ConfigureAwait(false) is not VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: FieldDeclarationSyntax } declaration } declarator
            || NameIn(declaration.Type) is not { Identifier.ValueText: "ValueTask" } name
            || VariableMentions.Of(field, model, cancellationToken) is not { } mentions)
        {
            return null;
        }

        var known = KnownSymbols.Of(model.Compilation);
        var mark = new SyntaxAnnotation();
        var editor = new SyntaxEditor(root, document.Project.Solution.Services);
        editor.ReplaceNode(name, (old, _) => ((SimpleNameSyntax)old).WithIdentifier(SyntaxFactory.Identifier("Task").WithTriviaFrom(((SimpleNameSyntax)old).Identifier)));
        if (declarator.Initializer is null && !IsSetFirst(field, target, model, cancellationToken))
            editor.ReplaceNode(declarator, (old, _) => ((VariableDeclaratorSyntax)old).WithInitializer(Completed(field.Type, declarator, model, editor.Generator, known)));

        foreach (var mention in mentions)
        {
            if (ValueOf(mention) is { } value)
                editor.ReplaceNode(value, FormerValueTask.AsTask(value).WithTriviaFrom(value).WithAdditionalAnnotations(value == stored ? [mark] : []));
            else if (mention is not IFieldReferenceOperation { Syntax: ExpressionSyntax read } || !FormerValueTask.TryRewrite(editor, mention, read, field.Type))
                return null;
        }

        return await EditProof.ApplyAsync(document, model, editor.GetChangedRoot(), mark, FormerValueTask.TaskType(field.Type, known), stored, cancellationToken).ConfigureAwait(false) is { } changed
            && await EditProof.CompilesAsWellAsync(document, changed, cancellationToken).ConfigureAwait(false) ? changed : null;
    }

    private static SimpleNameSyntax? NameIn(TypeSyntax type) => type switch
    {
        QualifiedNameSyntax qualified => qualified.Right,
        SimpleNameSyntax simple => simple,
        _ => null,
    };

    // What the mention stores.
    private static ExpressionSyntax? ValueOf(IOperation mention) => mention switch
    {
        IFieldInitializerOperation { Value.Syntax: ExpressionSyntax value } => value,
        IFieldReferenceOperation { Parent: ISimpleAssignmentOperation { Parent: IExpressionStatementOperation, Syntax: AssignmentExpressionSyntax { Right: var value } } store } when store.Target == mention => value,
        _ => null,
    };

    // In the constructor, before anything is called that could look at it.
    private static bool IsSetFirst(IFieldSymbol field, ExpressionSyntax target, SemanticModel model, CancellationToken cancellationToken) =>
        target.FirstAncestorOrSelf<ExpressionStatementSyntax>() is { Parent: BlockSyntax { Parent: ConstructorDeclarationSyntax { Initializer: null } constructor } body } statement
        && field.ContainingType is { BaseType.SpecialType: SpecialType.System_Object } type
        && model.GetDeclaredSymbol(constructor, cancellationToken) is { } own && own.IsStatic == field.IsStatic
        && (own.IsStatic ? type.StaticConstructors : type.InstanceConstructors).Length == 1
        && body.Statements.TakeWhile(earlier => earlier != statement).All(static earlier => earlier is ExpressionStatementSyntax && !earlier.DescendantNodes().Any(static node => node is InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax))
        && !statement.DescendantNodes().OfType<IdentifierNameSyntax>().Any(name => name.Span != (target is MemberAccessExpressionSyntax member ? member.Name : target).Span && name.Identifier.ValueText == field.Name);

    // What a default ValueTask is.
    private static EqualsValueClauseSyntax Completed(ITypeSymbol type, SyntaxNode place, SemanticModel model, SyntaxGenerator generator, KnownSymbols known)
    {
        ExpressionSyntax value;
        if (type.TaskResult(known) is not { } result)
        {
            value = generator.ImportedMember(known.Task!, "CompletedTask");
        }
        else if (result.IsValueType)
        {
            value = (ExpressionSyntax)generator.InvocationExpression(generator.ImportedMember(known.Task!, "FromResult"), SyntaxFactory.DefaultExpression((TypeSyntax)generator.ImportedType(result)));
        }
        else
        {
            var isNullable = model.GetNullableContext(place.SpanStart).AnnotationsEnabled();
            var nothing = SyntaxFactory.ParseExpression(isNullable && result.NullableAnnotation != NullableAnnotation.Annotated ? "default!" : "default");
            value = (ExpressionSyntax)generator.InvocationExpression(generator.MemberAccessExpression(generator.ImportedType(known.Task!), generator.GenericName("FromResult", result)), nothing);
        }

        return SyntaxFactory.EqualsValueClause(SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.EqualsToken, [SyntaxFactory.Space]), value);
    }
}
