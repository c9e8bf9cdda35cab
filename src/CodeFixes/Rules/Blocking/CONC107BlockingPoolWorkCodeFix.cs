using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary><c>Task.Run(work, token)</c> → <c>_threads.RunAsync(work, token)</c>; <c>QueueUserWorkItem(_ => …)</c> → <c>_threads.Post(_ => …)</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC107BlockingPoolWorkCodeFix)), Shared]
public sealed class CONC107BlockingPoolWorkCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.BlockingPoolWork];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var (document, cancellationToken) = (context.Document, context.CancellationToken);
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name: IdentifierNameSyntax } } call)
            return;

        var model = (await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false))!;
        if (SharedThreads.For(call, model, cancellationToken) is not { } threads
            || model.GetSymbolInfo(call, cancellationToken).Symbol is not IMethodSymbol method
            || Replacement(call, method, threads) is not { } replacement
            || model.GetTypeInfo(call, cancellationToken).Type is not { } type)
        {
            return;
        }

        var mark = new SyntaxAnnotation();
        var changed = threads.Replace(root, call, replacement.WithTriviaFrom(call).WithAdditionalAnnotations(mark), SyntaxGenerator.GetGenerator(document));
        var expected = method.ContainingType.Name == "ThreadPool" ? model.Compilation.GetSpecialType(SpecialType.System_Void) : type;
        if (await EditProof.ApplyAsync(document, model, changed, mark, expected, call, cancellationToken).ConfigureAwait(false) is { } proved)
        {
            context.RegisterCodeFix(
                RuleCodeAction.Create(document, $"Run it on a thread of the ThreadExecutor '{threads.Field}', which runs a bounded number at once", RuleIds.BlockingPoolWork, _ => Task.FromResult(proved)),
                context.Diagnostics);
        }
    }

    private static InvocationExpressionSyntax? Replacement(InvocationExpressionSyntax call, IMethodSymbol method, SharedThreads threads)
    {
        var arguments = call.ArgumentList.Arguments;
        if (arguments.Any(static argument => argument.NameColon is not null))
            return null;

        return method switch
        {
            { Name: "Run", Parameters.Length: <= 2 } => call.WithExpression(Member("RunAsync")),
            { Name: "StartNew", Parameters: [_] or [_, { Type.Name: "CancellationToken" }] } => call.WithExpression(Member("RunAsync")),

            // The state, null here, must be of no use; nor may the bool be, which is always true.
            { ContainingType.Name: "ThreadPool" } when call.Parent is ExpressionStatementSyntax && arguments is [{ Expression: LambdaExpressionSyntax { } lambda }] && IgnoresParameter(lambda) => call.WithExpression(Member("Post")),
            _ => null,
        };

        ExpressionSyntax Member(string member) => SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, SyntaxFactory.IdentifierName(threads.Field), SyntaxFactory.IdentifierName(member));
    }

    private static bool IgnoresParameter(LambdaExpressionSyntax lambda)
    {
        var parameter = lambda switch
        {
            SimpleLambdaExpressionSyntax simple => simple.Parameter,
            ParenthesizedLambdaExpressionSyntax { ParameterList.Parameters: [{ Type: null } only] } => only,
            _ => null,
        };
        return parameter is not null && !lambda.Body.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Any(name => name.Identifier.ValueText == parameter.Identifier.ValueText);
    }
}
