using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.RuntimeUsage;

/// <summary>Puts the lease into a <c>using</c>, and throws where it was refused.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC705UncheckedLeaseCodeFix)), Shared]
public sealed class CONC705UncheckedLeaseCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UncheckedLease];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax call
            || !context.Diagnostics[0].Properties.TryGetValue(CONC705UncheckedLeaseAnalyzer.Missing, out var missing)
            || UsingDeclaration.StatementFor(call) is not { Parent: BlockSyntax or GlobalStatementSyntax } statement)
        {
            return;
        }

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (model.GetOperation(call, context.CancellationToken) is not { } operation)
            return;

        var value = AwaitedValue.Whole(AwaitedValue.Of(operation) ?? operation).Syntax as ExpressionSyntax;
        var (needsCheck, needsUsing) = (missing != CONC705UncheckedLeaseAnalyzer.Disposal, missing != CONC705UncheckedLeaseAnalyzer.Check);
        var title = (needsCheck, needsUsing) switch
        {
            (true, true) => "Put the lease into a 'using', and throw where it is refused",
            (true, false) => "Throw where the lease is refused",
            _ => "Put the lease into a 'using'",
        };
        Func<SyntaxNode>? edit = (value, statement) switch
        {
            (not null, ExpressionStatementSyntax { Expression: var expression }) when (expression == value || IsDiscardOf(expression, value)) && UsingDeclaration.CanPrecede(statement, value) =>
                () => Kept(root, statement, value, model, needsCheck),
            (not null, LocalDeclarationStatementSyntax { Declaration.Variables: [{ Initializer.Value: var initial } declarator] } declaration) when initial == value && (!needsUsing || UsingDeclaration.CanBecome(declaration)) =>
                () => Replace(root, declaration, needsUsing ? UsingDeclaration.From(declaration) : declaration, needsCheck ? declarator.Identifier.ValueText : null),
            (not null, IfStatementSyntax branch) when !needsCheck && IsAcquiredOf(value) is { } access && IsEvaluatedFirst(branch.Condition, access) && UsingDeclaration.IsInScope(statement) =>
                () => UsingDeclaration.InsertBefore(root, statement, FreshName.In(statement.ScopeOf(), model, "lease", "permit"), access.Expression),
            _ => null,
        };
        if (edit is not null)
            context.RegisterCodeFix(RuleCodeAction.Create(document, title, RuleIds.UncheckedLease, _ => Task.FromResult(document.WithSyntaxRoot(edit()))), context.Diagnostics);
    }

    private static bool IsDiscardOf(ExpressionSyntax expression, ExpressionSyntax value) =>
        expression is AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: "_" }, Right: var right } && right == value;

    private static MemberAccessExpressionSyntax? IsAcquiredOf(ExpressionSyntax value) =>
        (value.Parent is ParenthesizedExpressionSyntax parentheses ? parentheses.Parent : value.Parent) is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "IsAcquired" } access ? access : null;

    // `if (!limiter.AttemptAcquire().IsAcquired)`: alone, or negated.
    private static bool IsEvaluatedFirst(ExpressionSyntax condition, ExpressionSyntax access) =>
        condition == access || (condition is PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression, Operand: var operand } && operand == access);

    private static SyntaxNode Kept(SyntaxNode root, StatementSyntax statement, ExpressionSyntax value, SemanticModel model, bool needsCheck)
    {
        var name = FreshName.In(statement.ScopeOf(), model, "lease", "permit");
        return Replace(root, statement, UsingDeclaration.Of(name, value).WithTriviaFrom(statement), needsCheck ? name : null);
    }

    private static SyntaxNode Replace(SyntaxNode root, StatementSyntax statement, StatementSyntax replacement, string? checkedName)
    {
        if (checkedName is null)
            return root.ReplaceNode(statement, replacement);

        var indentation = Indentation.Of(statement);
        var check = SyntaxFactory.ParseStatement($"{indentation}if (!{checkedName}.IsAcquired)\n{indentation}    throw new global::System.InvalidOperationException(\"The rate limiter refused the permit.\");\n")
            .WithAdditionalAnnotations(Microsoft.CodeAnalysis.Simplification.Simplifier.Annotation);
        var created = check.DescendantNodes().OfType<QualifiedNameSyntax>().First();
        check = check.ReplaceNode(created, created.WithAdditionalAnnotations(Microsoft.CodeAnalysis.Simplification.Simplifier.Annotation, Microsoft.CodeAnalysis.Simplification.Simplifier.AddImportsAnnotation));
        return statement.Parent is GlobalStatementSyntax global
            ? root.ReplaceNode(global, [SyntaxFactory.GlobalStatement(replacement), SyntaxFactory.GlobalStatement(check)])
            : root.ReplaceNode(statement, [replacement, check]);
    }
}
