using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary><c>Thread.Sleep(x)</c> → <c>await Task.Delay(x, cancellationToken)</c>; <c>Sleep(0)</c> → <c>await Task.Yield()</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC101ThreadSleepInAsyncCodeFix)), Shared]
public sealed class CONC101ThreadSleepInAsyncCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.ThreadSleepInAsync;
    private const string WithoutTokenKey = Key + ".WithoutToken";

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.ThreadSleepInAsync];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression: var duration }] } sleep)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (!AwaitPlacement.CanAwait(sleep, model, context.CancellationToken))
            return;

        var known = KnownSymbols.Of(model.Compilation);
        if (IsZero(duration, model, known, context.CancellationToken))
        {
            Register("Replace with 'await Task.Yield()'", Key, generator => generator.InvocationExpression(generator.ImportedMember(known.Task!, "Yield")), isTask: false);
            return;
        }

        var token = TokenScope.TokenFor(sleep, model, known);
        var provider = TimeProviderOverload(model, sleep.SpanStart, known);
        Register(token is null ? "Replace with 'await Task.Delay(…)'" : $"Replace with 'await Task.Delay(…, {token})'", Key, generator => Delay(generator, token));
        if (token is not null)
            Register("Replace with 'await Task.Delay(…)', without the token", WithoutTokenKey, generator => Delay(generator, null));

        void Register(string title, string key, Func<SyntaxGenerator, SyntaxNode> replacement, bool isTask = true) => context.RegisterCodeFix(
            RuleCodeAction.Create(document, title, key, cancellationToken => Task.FromResult(Replace((ExpressionSyntax)replacement(SyntaxGenerator.GetGenerator(document)), isTask, cancellationToken))),
            context.Diagnostics);

        // The duration stays where it is, with its line breaks and comments; only its name, if it has one, is another.
        SyntaxNode Delay(SyntaxGenerator generator, string? cancellationToken)
        {
            List<ArgumentSyntax> arguments = [sleep.ArgumentList.Arguments[0].WithNameColon(null)];
            if (provider is not null)
            {
                if (model.GetTypeInfo(duration, context.CancellationToken).Type?.SpecialType == SpecialType.System_Int32)
                    arguments[0] = arguments[0].WithExpression((ExpressionSyntax)generator.InvocationExpression(generator.ImportedMember(known.TimeSpan!, "FromMilliseconds"), duration));
                arguments.Add(SyntaxFactory.Argument(SyntaxFactory.ParseExpression(provider)));
            }

            if (cancellationToken is not null)
                arguments.Add(SyntaxFactory.Argument(SyntaxFactory.ParseExpression(cancellationToken)));
            var separators = Enumerable.Repeat(SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space), arguments.Count - 1);
            return sleep.WithExpression(generator.ImportedMember(known.Task!, "Delay")).WithArgumentList(sleep.ArgumentList.WithArguments(SyntaxFactory.SeparatedList(arguments, separators)));
        }

        Document Replace(ExpressionSyntax replacement, bool isTask, CancellationToken cancellationToken)
        {
            var awaited = AwaitInsertion.Await(replacement, sleep, isTask && AwaitInsertion.UsesConfigureAwaitFalse(root));
            var function = EnclosingFunction.Of(sleep)!;
            var changed = AsyncFunction.Replace(function, new Dictionary<SyntaxNode, SyntaxNode> { [sleep] = awaited }, model, cancellationToken);
            return document.WithSyntaxRoot(root.ReplaceNode(function, changed));
        }
    }

    private static bool IsZero(ExpressionSyntax duration, SemanticModel model, KnownSymbols known, CancellationToken cancellationToken) =>
        model.GetConstantValue(duration, cancellationToken) is { HasValue: true, Value: 0 }
        || (model.GetSymbolInfo(duration, cancellationToken).Symbol is IFieldSymbol { Name: "Zero" } zero && SymbolEqualityComparer.Default.Equals(zero.ContainingType, known.TimeSpan));

    private static string? TimeProviderOverload(SemanticModel model, int position, KnownSymbols known)
    {
        var hasOverload = known.Task!.GetMembers("Delay").OfType<IMethodSymbol>()
            .Any(method => method.Parameters.Any(parameter => SymbolEqualityComparer.Default.Equals(parameter.Type, known.TimeProvider)));
        return hasOverload ? ValueInScope.TimeProvider(model, position, known) : null;
    }
}
