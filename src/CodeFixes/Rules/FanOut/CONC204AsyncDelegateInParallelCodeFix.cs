using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary><c>Parallel.ForEach(xs, async x => …)</c> → <c>await Parallel.ForEachAsync(xs, async (x, _) => …)</c>; a List's ForEach becomes a loop.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC204AsyncDelegateInParallelCodeFix)), Shared]
public sealed class CONC204AsyncDelegateInParallelCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.AsyncDelegateInParallel];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax { Parent: ExpressionStatementSyntax statement } call || model is null
            || model.GetOperation(call, cancellationToken) is not IInvocationOperation operation
            || !call.ArgumentList.Arguments.All(static argument => argument.NameColon is null)
            || !AwaitPlacement.CanAwait(statement, model, cancellationToken))
        {
            return;
        }

        var known = KnownSymbols.Of(model.Compilation);
        var configureAwaitFalse = AwaitInsertion.UsesConfigureAwaitFalse(root);
        var token = TokenScope.TokenAt(call, model, cancellationToken);
        var mark = new SyntaxAnnotation();
        StatementSyntax? replacement;
        string title;
        ITypeSymbol markedType = known.Task!;
        if (SymbolEqualityComparer.Default.Equals(operation.TargetMethod.ContainingType, known.Parallel))
        {
            var awaited = operation.TargetMethod.Name == "Invoke" ? WhenAll(call) : ParallelAsync(call);
            replacement = awaited is null ? null : Statement(AwaitInsertion.Await(awaited.WithAdditionalAnnotations(mark), statement, configureAwaitFalse));
            title = operation.TargetMethod.Name == "Invoke" ? "Await 'Task.WhenAll'" : $"Await 'Parallel.{operation.TargetMethod.Name}Async'";
        }
        else
        {
            replacement = Loop();
            title = "Await one after the other in a 'foreach'";
        }

        if (replacement is null)
            return;

        var function = EnclosingFunction.Of(statement)!;
        var changedFunction = AsyncFunction.Replace(function, new Dictionary<SyntaxNode, SyntaxNode> { [statement] = KeptComments.Above(replacement.WithTriviaFrom(statement), statement) }, model, cancellationToken);
        if (await EditProof.ApplyAsync(document, model, root.ReplaceNode(function, changedFunction), mark, markedType, statement, cancellationToken).ConfigureAwait(false) is { } changed)
            context.RegisterCodeFix(RuleCodeAction.Create(document, title, RuleIds.AsyncDelegateInParallel, _ => Task.FromResult(changed)), context.Diagnostics);

        // The same arguments, and the delegate gets a token.
        ExpressionSyntax? ParallelAsync(InvocationExpressionSyntax call)
        {
            var arguments = call.ArgumentList.Arguments;
            var name = operation.TargetMethod.Name + "Async";
            if (known.Parallel!.GetMembers(name).IsEmpty || arguments.Count < 2
                || model.GetTypeInfo(arguments[arguments.Count - 1].Expression, cancellationToken).ConvertedType is not INamedTypeSymbol { DelegateInvokeMethod.Parameters.Length: 1 }
                || FannedOutWork.OfFunction(arguments[0].Expression, arguments[arguments.Count - 1].Expression, model).ForParallel(SyntaxGenerator.GetGenerator(document), configureAwaitFalse, cancellationToken) is not { } work)
            {
                return null;
            }

            ExpressionSyntax? expression = call.Expression switch
            {
                MemberAccessExpressionSyntax member => member.WithName(SyntaxFactory.IdentifierName(name).WithTriviaFrom(member.Name)),
                IdentifierNameSyntax identifier => SyntaxFactory.IdentifierName(name).WithTriviaFrom(identifier),
                _ => null,
            };
            if (expression is null)
                return null;

            var changed = call.WithExpression(expression)
                .WithArgumentList(call.ArgumentList.ReplaceNode(arguments[arguments.Count - 1].Expression, work.WithTriviaFrom(arguments[arguments.Count - 1].Expression)));
            var hasOptions = arguments.Count > (operation.TargetMethod.Name == "For" ? 3 : 2);
            return token is null || hasOptions ? changed : TokenArgument.Insert(changed, SyntaxFactory.Argument(SyntaxFactory.ParseExpression(token)), arguments.Count - 1);
        }

        // Each delegate is one expression, which becomes the task that is awaited with the others.
        ExpressionSyntax? WhenAll(InvocationExpressionSyntax call)
        {
            var tasks = call.ArgumentList.Arguments.Select(argument => argument.Expression is LambdaExpressionSyntax { ExpressionBody: { } result } ? TaskOf(WithToken(result)) : null).ToList();
            if (tasks.Contains(null))
                return null;

            var changed = call.ReplaceNodes(call.ArgumentList.Arguments.Select(static argument => argument.Expression), (old, _) => tasks[call.ArgumentList.Arguments.IndexOf((ArgumentSyntax)old.Parent!)]!.WithTriviaFrom(old));
            return changed.WithExpression((ExpressionSyntax)SyntaxGenerator.GetGenerator(document).MemberAccessExpression(SyntaxGenerator.GetGenerator(document).TypeExpression(known.Task!), "WhenAll"));
        }

        // xs.ForEach(async x => { … });
        StatementSyntax? Loop()
        {
            var list = call.Expression is MemberAccessExpressionSyntax member && operation.Instance is not null ? member.Expression : call.ArgumentList.Arguments.Count == 2 ? call.ArgumentList.Arguments[0].Expression : null;
            var parameter = call.ArgumentList.Arguments.Last().Expression switch
            {
                SimpleLambdaExpressionSyntax simple => simple.Parameter,
                ParenthesizedLambdaExpressionSyntax { ParameterList.Parameters: [var only] } => only,
                _ => null,
            };
            if (list is null || parameter is null || model.GetTypeInfo(list, cancellationToken).Type is not { } type || call.ArgumentList.Arguments.Last().Expression is not LambdaExpressionSyntax lambda)
                return null;

            markedType = type;
            StatementSyntax? body = lambda.Block is { } block ? Turn(WithToken(block)) : Statement(AwaitInsertion.Await(TaskOf(WithToken(lambda.ExpressionBody!)), statement, configureAwaitFalse));
            if (body is null)
                return null;

            return SyntaxFactory.ForEachStatement(
                SyntaxFactory.Token(default, SyntaxKind.ForEachKeyword, [SyntaxFactory.Space]),
                SyntaxFactory.Token(SyntaxKind.OpenParenToken),
                (parameter.Type?.WithoutTrivia() ?? SyntaxFactory.IdentifierName("var")).WithTrailingTrivia(SyntaxFactory.Space),
                parameter.Identifier.WithoutTrivia().WithTrailingTrivia(SyntaxFactory.Space),
                SyntaxFactory.Token(default, SyntaxKind.InKeyword, [SyntaxFactory.Space]),
                list.WithoutTrivia().WithAdditionalAnnotations(mark),
                SyntaxFactory.Token(default, SyntaxKind.CloseParenToken, [SyntaxFactory.ElasticMarker]),
                body.WithoutTrivia()).WithAdditionalAnnotations(Microsoft.CodeAnalysis.Formatting.Formatter.Annotation);
        }

        // What was a delegate's is awaited by the function itself from now on, and ends with its token.
        T WithToken<T>(T code)
            where T : SyntaxNode => token is null ? code : FannedOutBody.Rewrite(code, TokenForwarding.Offers([code], token, model, cancellationToken));
    }

    private static ExpressionStatementSyntax Statement(ExpressionSyntax expression) =>
        SyntaxFactory.ExpressionStatement(expression.WithoutTrivia(), SyntaxFactory.Token(default, SyntaxKind.SemicolonToken, default));

    // Where the delegate returns, the loop goes on; in a loop further in, no statement says that.
    private static BlockSyntax? Turn(BlockSyntax block)
    {
        var returns = block.DescendantNodes(static node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)).OfType<ReturnStatementSyntax>().ToList();
        return returns.Exists(static one => one.Expression is not null || one.Ancestors().TakeWhile(static node => node is not AnonymousFunctionExpressionSyntax).Any(static node => node is CommonForEachStatementSyntax or ForStatementSyntax or WhileStatementSyntax or DoStatementSyntax))
            ? null
            : block.ReplaceNodes(returns, static (old, _) => SyntaxFactory.ContinueStatement().WithTriviaFrom(old));
    }

    private static ExpressionSyntax TaskOf(ExpressionSyntax result) => result is AwaitExpressionSyntax awaited ? AwaitInsertion.TaskOf(awaited) : result;
}
