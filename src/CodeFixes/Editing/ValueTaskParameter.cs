using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>A parameter whose ValueTask is consumed more than once: <c>var task = parameter.AsTask();</c> is what the function uses from then on.</summary>
internal static class ValueTaskParameter
{
    /// <summary>The changed document; null where something is done with the parameter that isn't known to mean the same of a Task.</summary>
    public static async Task<Document?> AsTaskAsync(Document document, SyntaxNode root, SemanticModel model, SyntaxNode reported, IParameterSymbol parameter, CancellationToken cancellationToken)
    {
        if (parameter is not { RefKind: RefKind.None, DeclaringSyntaxReferences: [var reference] } || reference.SyntaxTree != root.SyntaxTree
            || BodyOf((await reference.GetSyntaxAsync(cancellationToken).ConfigureAwait(false)).Parent?.Parent) is not { Statements: [var first, ..] } body
            || model.GetOperation(reported, cancellationToken) is not { } operation)
        {
            return null;
        }

        var name = FreshName.In(body, model, "task", parameter.Name + "Task");
        var editor = new SyntaxEditor(root, document.Project.Solution.Services);
        foreach (var mention in AssignedValues.Root(operation).Descendants())
        {
            if (mention is IParameterReferenceOperation { Parameter: var mentioned } && SymbolEqualityComparer.Default.Equals(mentioned, parameter)
                && !(body.Span.Contains(mention.Syntax.Span) && FormerValueTask.TryRewrite(editor, mention, SyntaxFactory.IdentifierName(name), parameter.Type)))
            {
                return null;
            }
        }

        var mark = new SyntaxAnnotation();
        var declaration = (LocalDeclarationStatementSyntax)SyntaxFactory.ParseStatement($"var {name} = {(SyntaxFacts.GetKeywordKind(parameter.Name) == SyntaxKind.None ? "" : "@")}{parameter.Name}.AsTask();");
        declaration = declaration.ReplaceNode(declaration.Declaration.Variables[0].Initializer!.Value, declaration.Declaration.Variables[0].Initializer!.Value.WithAdditionalAnnotations(mark));
        var startsLine = body.OpenBraceToken.TrailingTrivia.Any(SyntaxKind.EndOfLineTrivia);
        declaration = startsLine
            ? declaration.WithLeadingTrivia(SyntaxFactory.Whitespace(Indentation.Of(first))).WithTrailingTrivia(body.OpenBraceToken.TrailingTrivia.Where(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia)))
            : declaration.WithTrailingTrivia(SyntaxFactory.Space);
        editor.ReplaceNode(body, (old, _) => ((BlockSyntax)old).WithStatements(((BlockSyntax)old).Statements.Insert(0, declaration)));
        return await EditProof.ApplyAsync(document, model, editor.GetChangedRoot(), mark, FormerValueTask.TaskType(parameter.Type, KnownSymbols.Of(model.Compilation)), reported, cancellationToken).ConfigureAwait(false);
    }

    private static BlockSyntax? BodyOf(SyntaxNode? function) => function switch
    {
        BaseMethodDeclarationSyntax method => method.Body,
        LocalFunctionStatementSyntax local => local.Body,
        ParenthesizedLambdaExpressionSyntax lambda => lambda.Block,
        _ => null,
    };
}
