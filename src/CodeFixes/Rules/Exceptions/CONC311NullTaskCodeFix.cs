using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary><c>return null;</c> → <c>return Task.CompletedTask;</c>, <c>await x?.FAsync()</c> → <c>await (x?.FAsync() ?? Task.CompletedTask)</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC311NullTaskCodeFix)), Shared]
public sealed class CONC311NullTaskCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.NullTask;

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.NullTask];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (model is null || root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax place)
            return;

        var known = KnownSymbols.Of(model.Compilation);
        var type = model.GetTypeInfo(place, context.CancellationToken);
        if ((type.ConvertedType ?? type.Type) is not { } task || known.Task is null || known.Task.GetMembers("CompletedTask").IsEmpty)
            return;

        var whole = Whole(place);
        var completed = Completed(SyntaxGenerator.GetGenerator(document), whole, task, model, known);
        var replacement = place is ConditionalAccessExpressionSyntax ? Coalesced(place, whole, completed) : completed.WithTriviaFrom(place);
        context.RegisterCodeFix(
            RuleCodeAction.Create(document, "Use a completed task instead of null", Key, _ => Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(whole, replacement)))),
            context.Diagnostics);
    }

    // With the `!` that kept the compiler silent, and has no more to say.
    private static ExpressionSyntax Whole(ExpressionSyntax place)
    {
        var whole = place;
        while (whole.Parent is PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } or ParenthesizedExpressionSyntax { Parent: PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } })
            whole = (ExpressionSyntax)whole.Parent;

        return whole;
    }

    private static ExpressionSyntax Completed(SyntaxGenerator generator, ExpressionSyntax place, ITypeSymbol task, SemanticModel model, KnownSymbols known)
    {
        // Of a statement of its own, nobody reads the result.
        if (task.TaskResult(known) is not { } result || place.Parent is AwaitExpressionSyntax { Parent: ExpressionStatementSyntax })
            return generator.ImportedMember(known.Task!, "CompletedTask");

        ExpressionSyntax value = SyntaxFactory.LiteralExpression(SyntaxKind.DefaultLiteralExpression);
        if (!result.IsValueType && result.NullableAnnotation != NullableAnnotation.Annotated && (model.GetNullableContext(place.SpanStart) & NullableContext.AnnotationsEnabled) != 0)
            value = SyntaxFactory.PostfixUnaryExpression(SyntaxKind.SuppressNullableWarningExpression, value);

        return SyntaxFactory.InvocationExpression(
            SyntaxFactory.MemberAccessExpression(
                SyntaxKind.SimpleMemberAccessExpression,
                (ExpressionSyntax)generator.ImportedType(known.Task!),
                (SimpleNameSyntax)generator.GenericName("FromResult", result)),
            SyntaxFactory.ArgumentList([SyntaxFactory.Argument(value)]));
    }

    private static ExpressionSyntax Coalesced(ExpressionSyntax access, ExpressionSyntax whole, ExpressionSyntax completed)
    {
        var spaced = SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.QuestionQuestionToken, [SyntaxFactory.Space]);
        ExpressionSyntax coalesced = SyntaxFactory.BinaryExpression(SyntaxKind.CoalesceExpression, access.WithoutTrivia(), spaced, completed);
        return (whole.Parent is AwaitExpressionSyntax or ConditionalExpressionSyntax ? SyntaxFactory.ParenthesizedExpression(coalesced) : coalesced).WithTriviaFrom(whole);
    }
}
