using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary><c>foreach (var x in xs) _ = F(x);</c> → <c>await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));</c>, or Parallel.ForEachAsync.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC202UnboundedStartCodeFix)), Shared]
public sealed class CONC202UnboundedStartCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.UnboundedStart;
    private const string ParallelKey = Key + ".ParallelForEach";

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UnboundedStart];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not { } reported || model is null)
            return;

        var known = KnownSymbols.Of(model.Compilation);
        if (DroppedIn(model.GetOperation(reported, cancellationToken), known) is not { Loop.Syntax: StatementSyntax loop } fanOut
            || !fanOut.Work.Type.IsTaskOrValueTask(known)
            || FannedOutWork.From(fanOut, model, cancellationToken) is not { } work
            || !AwaitPlacement.CanAwait(loop, model, cancellationToken))
        {
            return;
        }

        var generator = SyntaxGenerator.GetGenerator(document);
        var function = EnclosingFunction.Of(loop)!;
        var configureAwaitFalse = AwaitInsertion.UsesConfigureAwaitFalse(root);
        var maxConcurrency = ConcurrencyOptions.DefaultMaxConcurrency.In(document.Project.AnalyzerOptions.AnalyzerConfigOptionsProvider.GetOptions(root.SyntaxTree));
        var token = TokenScope.IsCleanUp(loop) ? null : ValueInScope.CancellationToken(model, loop.SpanStart, known);

        var key = Key;
        if (known.Gather is { } gather)
            await RegisterAsync("Gather.AllAsync", GatherCall.All(generator, gather, work.Source, maxConcurrency, work.ForGather(generator, cancellationToken), token)).ConfigureAwait(false);

        if (known.ParallelOptions is not null && known.Parallel?.GetMembers("ForEachAsync").IsEmpty == false
            && work.ForParallel(generator, configureAwaitFalse, cancellationToken) is { } parallelWork)
        {
            await RegisterAsync("Parallel.ForEachAsync", GatherCall.ForEach(generator, known, work.Source, maxConcurrency, parallelWork, token)).ConfigureAwait(false);
        }

        async Task RegisterAsync(string method, ExpressionSyntax call)
        {
            var mark = new SyntaxAnnotation();
            var awaited = AwaitInsertion.Await(call.WithAdditionalAnnotations(mark), loop, configureAwaitFalse).WithoutTrivia();
            var statement = SyntaxFactory.ExpressionStatement(awaited, SyntaxFactory.Token(default, SyntaxKind.SemicolonToken, default)).WithTriviaFrom(loop);
            var changedFunction = AsyncFunction.Replace(function, new Dictionary<SyntaxNode, SyntaxNode> { [loop] = statement }, model, cancellationToken);
            if (await EditProof.ApplyAsync(document, model, root.ReplaceNode(function, changedFunction), mark, known.Task!, loop, cancellationToken).ConfigureAwait(false) is not { } changed)
                return;

            var title = $"Run at most {maxConcurrency} at once with '{method}', and wait for them; the first failure cancels the rest";
            context.RegisterCodeFix(RuleCodeAction.Create(document, title, key, _ => Task.FromResult(changed)), context.Diagnostics);
            key = ParallelKey;
        }
    }

    // The loop does nothing but start the task, as a statement or by a discard.
    private static TaskFanOut? DroppedIn(IOperation? task, KnownSymbols known)
    {
        if (task is not IInvocationOperation || task.Type is null)
            return null;

        var start = task.Parent is ISimpleAssignmentOperation { Target: IDiscardOperation } discard ? discard : task.Parent is IConversionOperation { Parent: ISimpleAssignmentOperation { Target: IDiscardOperation } converted } ? converted : task;
        for (var current = start.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current is ILoopOperation loop)
                return TaskFanOut.OfDropped(start, task, loop, known);
        }

        return null;
    }
}
