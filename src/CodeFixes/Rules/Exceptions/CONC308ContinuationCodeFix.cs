using System.Composition;
using ConcurrencyAnalyzers.Editing;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>
/// <c>await task.ContinueWith(t => F(t.Result))</c> → <c>F(await task)</c>; elsewhere <c>TaskScheduler.Default</c> as an
/// argument, with the token and the options that its overload takes.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC308ContinuationCodeFix)), Shared]
public sealed class CONC308ContinuationCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.Continuation;
    private const string SchedulerKey = Key + ".Scheduler";

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.Continuation];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true)?.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } syntax
            || model?.GetOperation(syntax, cancellationToken) is not IInvocationOperation call)
        {
            return;
        }

        var known = KnownSymbols.Of(model.Compilation);
        var generator = SyntaxGenerator.GetGenerator(document);
        var key = Key;
        if (syntax.Expression is MemberAccessExpressionSyntax member && Inlined(member.Expression, syntax, call, model, root, cancellationToken) is var (place, replacement))
        {
            var type = model.GetTypeInfo(place, cancellationToken).Type!;
            await RegisterAsync("Await the task, whose exception is thrown as it is", place, replacement, type).ConfigureAwait(false);
        }

        if (WithScheduler(syntax, call, generator, known) is { } scheduled)
            await RegisterAsync("Run the continuation on TaskScheduler.Default", syntax, scheduled, call.Type!).ConfigureAwait(false);

        async Task RegisterAsync(string title, ExpressionSyntax old, ExpressionSyntax changed, ITypeSymbol type)
        {
            var mark = new SyntaxAnnotation();
            var changedRoot = root.ReplaceNode(old, changed.WithAdditionalAnnotations(mark));
            if (await EditProof.ApplyAsync(document, model, changedRoot, mark, type, old, cancellationToken).ConfigureAwait(false) is not { } edited)
                return;

            context.RegisterCodeFix(RuleCodeAction.Create(document, title, key, _ => Task.FromResult(edited)), context.Diagnostics);
            key = SchedulerKey;
        }
    }

    // The awaited continuation is an expression that reads the result once: what it reads is awaited in its place.
    private static (ExpressionSyntax Place, ExpressionSyntax Replacement)? Inlined(ExpressionSyntax task, InvocationExpressionSyntax call, IInvocationOperation operation, SemanticModel model, SyntaxNode root, CancellationToken cancellationToken)
    {
        ExpressionSyntax awaitable = call;
        var isConfigured = false;
        if (call.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Parent: InvocationExpressionSyntax configured })
        {
            awaitable = configured;
            isConfigured = configured.ArgumentList.Arguments is [{ Expression.RawKind: (int)SyntaxKind.FalseLiteralExpression }];
        }

        if (awaitable.Parent is not AwaitExpressionSyntax place
            || operation.Arguments.Any(static argument => argument.Parameter?.Type.Name == nameof(CancellationToken) && !argument.IsImplicit)
            || call.ArgumentList.Arguments is not [{ Expression: LambdaExpressionSyntax { ExpressionBody: { } body, AsyncKeyword.RawKind: 0 } lambda }, ..]
            || model.GetSymbolInfo(lambda, cancellationToken).Symbol is not IMethodSymbol { Parameters: [var antecedent] }
            || !AwaitPlacement.CanAwait(place, model, cancellationToken))
        {
            return null;
        }

        var uses = body.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Where(name => SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol, antecedent)).ToList();
        if (uses is not [{ Parent: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Result" } result }]
            || result.Ancestors().TakeWhile(node => node != lambda).Any(static node => node is AnonymousFunctionExpressionSyntax or QueryExpressionSyntax or ConditionalExpressionSyntax or ConditionalAccessExpressionSyntax { } or SwitchExpressionSyntax))
        {
            return null;
        }

        var awaited = AwaitInsertion.Await(task, result, awaitable == call ? AwaitInsertion.UsesConfigureAwaitFalse(root) : isConfigured);
        var replaced = body == result ? awaited : body.ReplaceNode(result, awaited);
        var needsParentheses = place.Parent is not (StatementSyntax or EqualsValueClauseSyntax or ArrowExpressionClauseSyntax or ArgumentSyntax or ParenthesizedExpressionSyntax or LambdaExpressionSyntax);
        return (place, (needsParentheses ? AwaitInsertion.Parenthesize(replaced.WithoutTrivia()) : replaced).WithTriviaFrom(place));
    }

    private static InvocationExpressionSyntax? WithScheduler(InvocationExpressionSyntax syntax, IInvocationOperation call, SyntaxGenerator generator, KnownSymbols known)
    {
        if (known.TaskScheduler is null || known.CancellationToken is null || known.TaskContinuationOptions is null || syntax.ArgumentList.Arguments.Any(static argument => argument.NameColon is not null))
            return null;

        var scheduler = SyntaxFactory.Argument(generator.ImportedMember(known.TaskScheduler, "Default"));
        ExpressionSyntax none = generator.ImportedMember(known.CancellationToken, "None"), options = generator.ImportedMember(known.TaskContinuationOptions, "None");
        List<ArgumentSyntax> arguments = [.. syntax.ArgumentList.Arguments];
        switch (call.TargetMethod.Parameters.Last().Type)
        {
            case var type when SymbolEqualityComparer.Default.Equals(type, known.TaskScheduler):
                return null;
            case var type when SymbolEqualityComparer.Default.Equals(type, known.CancellationToken):
                arguments.AddRange([SyntaxFactory.Argument(options), scheduler]);
                break;
            case var type when SymbolEqualityComparer.Default.Equals(type, known.TaskContinuationOptions):
                arguments.InsertRange(arguments.Count - 1, [SyntaxFactory.Argument(none)]);
                arguments.Add(scheduler);
                break;
            default:
                arguments.Add(scheduler);
                break;
        }

        var added = arguments.Count - 1 - syntax.ArgumentList.Arguments.SeparatorCount;
        var separators = syntax.ArgumentList.Arguments.GetSeparators().Concat(Enumerable.Repeat(SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space), added));
        return syntax.WithArgumentList(syntax.ArgumentList.WithArguments(SyntaxFactory.SeparatedList(arguments, separators)));
    }
}
