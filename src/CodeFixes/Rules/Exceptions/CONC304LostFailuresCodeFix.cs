using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>
/// <c>try { await Task.WhenAll(x); } catch (Exception e) { Log(e); }</c> → a loop over <c>Gather.SettleAsync(x)</c> that
/// handles each failure; or, in plain .NET, a local for the task of WhenAll, and its Exception for <c>e</c>.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC304LostFailuresCodeFix)), Shared]
public sealed class CONC304LostFailuresCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.LostFailures;
    private const string ExceptionKey = Key + ".Exception";

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.LostFailures];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax whenAll
            || model is null
            || StatementOf(whenAll) is not { Parent: BlockSyntax { Parent: TryStatementSyntax { Catches: [{ Filter: null } clause], Finally: null } statement } } awaiting
            || statement.Block.Statements[0] != awaiting)
        {
            return;
        }

        var known = KnownSymbols.Of(model.Compilation);
        if (model.GetOperation(clause, cancellationToken) is not ICatchClauseOperation caught || !CaughtExceptions.IsGeneral(caught, known))
            return;

        // Outcomes that a handler does nothing about would be lost as the exceptions were, which CONC706 says.
        var generator = SyntaxGenerator.GetGenerator(document);
        var key = Key;
        if (known.Gather is { } gather && statement.Block.Statements.Count == 1 && clause.Block.Statements.Count > 0 && StaysInside(clause.Block))
            await RegisterAsync("Handle each failure, with 'Gather.SettleAsync'", known.Task!, mark => root.ReplaceNode(statement, Settle(mark, gather))).ConfigureAwait(false);

        if (clause.Declaration?.Identifier is { RawKind: not 0 } exception && HasNoEffect(whenAll) && ExceptionArguments(clause, exception) is { Count: > 0 } uses && statement.ListOf() is not [])
            await RegisterAsync("Handle the exception of all tasks", known.Task!, mark => Hoist(mark, uses)).ConfigureAwait(false);

        async Task RegisterAsync(string title, ITypeSymbol type, Func<SyntaxAnnotation, SyntaxNode> edit)
        {
            var mark = new SyntaxAnnotation();
            if (await EditProof.ApplyAsync(document, model, edit(mark), mark, type, whenAll, cancellationToken).ConfigureAwait(false) is not { } changed)
                return;

            context.RegisterCodeFix(RuleCodeAction.Create(document, title, key, _ => Task.FromResult(changed)), context.Diagnostics);
            key = ExceptionKey;
        }

        StatementSyntax Settle(SyntaxAnnotation mark, INamedTypeSymbol type)
        {
            var arguments = whenAll.ArgumentList.Arguments;
            var isList = arguments.Count > 1 || model.GetTypeInfo(arguments[0].Expression, cancellationToken).Type.IsTask(known);
            var tasks = isList
                ? SyntaxFactory.CollectionExpression(SyntaxFactory.SeparatedList(arguments.Select(static one => (CollectionElementSyntax)SyntaxFactory.ExpressionElement(one.Expression)), arguments.GetSeparators()))
                : arguments[0].Expression;
            var settle = SyntaxFactory.InvocationExpression(generator.ImportedMember(type, "SettleAsync"), SyntaxFactory.ArgumentList([SyntaxFactory.Argument(tasks)])).WithAdditionalAnnotations(mark);
            var awaited = awaiting.Expression.ReplaceNode(whenAll, settle).WithoutTrivia();

            var outcome = SyntaxFactory.IdentifierName(FreshName.In(statement, model, "outcome"));
            var condition = clause.Declaration?.Identifier is { RawKind: not 0 } name
                ? SyntaxFactory.ParseExpression($"{outcome}.Exception is {{ }} {name.Text}")
                : SyntaxFactory.ParseExpression($"!{outcome}.IsSuccess");
            var body = clause.Block.WithOpenBraceToken(clause.Block.OpenBraceToken).WithAdditionalAnnotations(Formatter.Annotation);
            var loop = SyntaxFactory.ForEachStatement(SyntaxFactory.IdentifierName("var"), outcome.Identifier, awaited, SyntaxFactory.Block(SyntaxFactory.IfStatement(condition, body))).WithTriviaFrom(statement);
            return KeptComments.Above(loop, statement).WithAdditionalAnnotations(Formatter.Annotation);
        }

        // Evaluated before the try, its tasks are evaluated where nothing can throw.
        SyntaxNode Hoist(SyntaxAnnotation mark, IReadOnlyCollection<IdentifierNameSyntax> uses)
        {
            var name = FreshName.In(statement, model, "all");
            var changed = statement.ReplaceNodes(uses.Concat<SyntaxNode>([whenAll]), (old, _) => old == whenAll
                ? SyntaxFactory.IdentifierName(name).WithTriviaFrom(old)
                : SyntaxFactory.ParseExpression($"{name}.Exception ?? {old}").WithTriviaFrom(old));
            var declaration = SyntaxFactory.ParseStatement($"var {name} = ").WithoutTrivia() is LocalDeclarationStatementSyntax local
                ? local.ReplaceNode(local.Declaration.Variables[0].Initializer!.Value, whenAll.WithoutTrivia().WithAdditionalAnnotations(mark))
                : throw new InvalidOperationException();
            declaration = declaration.WithSemicolonToken(SyntaxFactory.Token(SyntaxKind.SemicolonToken)).WithLeadingTrivia(statement.GetLeadingTrivia()).WithTrailingTrivia(SyntaxFactory.ElasticCarriageReturnLineFeed).WithAdditionalAnnotations(Formatter.Annotation);
            changed = changed.WithLeadingTrivia(SyntaxFactory.Whitespace(Indentation.Of(statement)));

            SyntaxNode place = statement.Parent is GlobalStatementSyntax global ? global : statement;
            StatementSyntax[] both = [declaration, changed];
            return root.ReplaceNode(place, place is GlobalStatementSyntax ? both.Select(SyntaxFactory.GlobalStatement) : (IEnumerable<SyntaxNode>)both);
        }
    }

    private static ExpressionStatementSyntax? StatementOf(InvocationExpressionSyntax whenAll)
    {
        ExpressionSyntax task = whenAll;
        if (task.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Parent: InvocationExpressionSyntax configured })
            task = configured;

        return task.Parent is AwaitExpressionSyntax { Parent: ExpressionStatementSyntax statement } ? statement : null;
    }

    // What leaves the handler would leave the loop, and the other failures with it.
    private static bool StaysInside(BlockSyntax handler) =>
        !handler.DescendantNodes(static node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax))
            .Any(static node => node is ReturnStatementSyntax or BreakStatementSyntax or ContinueStatementSyntax or GotoStatementSyntax or YieldStatementSyntax or ThrowStatementSyntax or ThrowExpressionSyntax);

    private static bool HasNoEffect(InvocationExpressionSyntax whenAll) =>
        whenAll.ArgumentList.Arguments.All(static argument => argument.Expression is IdentifierNameSyntax);

    private static List<IdentifierNameSyntax> ExceptionArguments(CatchClauseSyntax clause, SyntaxToken exception) =>
        [.. clause.Block.DescendantNodes().OfType<IdentifierNameSyntax>().Where(name => name.Identifier.ValueText == exception.ValueText && name.Parent is ArgumentSyntax { NameColon: null })];
}
