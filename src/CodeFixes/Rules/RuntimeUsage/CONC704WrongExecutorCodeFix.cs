using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.RuntimeUsage;

/// <summary>Makes the executor one of the other kind, where all that it is given in sight is work of that kind.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC704WrongExecutorCodeFix)), Shared]
public sealed class CONC704WrongExecutorCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.WrongExecutor];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null
            || root.FindNode(context.Span, getInnermostNodeForTie: true).FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } call
            || model.GetOperation(call, context.CancellationToken) is not IInvocationOperation submission)
        {
            return;
        }

        var known = KnownSymbols.Of(model.Compilation);
        var toAsync = ExecutorWork.IsThread(submission.Instance?.Type, known);
        if ((toAsync ? known.AsyncExecutor : known.ThreadExecutor) is not { } other || Edits(submission, toAsync, other.Name, model, known, context.CancellationToken) is not { } edits)
            return;

        var changed = document.WithSyntaxRoot(root.ReplaceNodes(edits.Keys, (original, _) => edits[original]));
        var changedModel = (await changed.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (Errors(changedModel, context.CancellationToken) > Errors(model, context.CancellationToken))
            return;

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, $"Make '{submission.Instance!.Syntax}' {(toAsync ? "an AsyncExecutor" : "a ThreadExecutor")}", RuleIds.WrongExecutor, _ => Task.FromResult(changed)),
            context.Diagnostics);
    }

    private static int Errors(SemanticModel model, CancellationToken cancellationToken) =>
        model.GetDiagnostics(cancellationToken: cancellationToken).Count(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    private static Dictionary<SyntaxNode, SyntaxNode>? Edits(IInvocationOperation submission, bool toAsync, string type, SemanticModel model, KnownSymbols known, CancellationToken cancellationToken)
    {
        var variable = ExecutorWork.VariableOf(submission.Instance);
        var mentions = variable switch
        {
            ILocalSymbol local => VariableMentions.Of(local, submission),
            IFieldSymbol field => VariableMentions.Of(field, model, cancellationToken),
            _ => null,
        };
        if (mentions is null
            || variable!.DeclaringSyntaxReferences is not [var reference]
            || reference.GetSyntax(cancellationToken) is not VariableDeclaratorSyntax { Initializer.Value: BaseObjectCreationExpressionSyntax creation, Parent: VariableDeclarationSyntax { Variables.Count: 1 } declaration }
            || creation.SyntaxTree != submission.Syntax.SyntaxTree
            || Remade(creation, toAsync, type) is not { } remade)
        {
            return null;
        }

        var edits = new Dictionary<SyntaxNode, SyntaxNode> { [creation] = remade };
        if (!declaration.Type.IsVar)
            edits[declaration.Type] = Renamed(declaration.Type, type);

        foreach (var mention in mentions)
        {
            if (mention is not (ILocalReferenceOperation or IFieldReferenceOperation) || mention.Parent is IUsingOperation or INameOfOperation)
                continue;

            if (mention.Syntax.SyntaxTree != creation.SyntaxTree || mention.Parent is not IInvocationOperation use || use.Instance != mention)
                return null;

            if (use.TargetMethod.Name is "DisposeAsync" or "ShutdownAsync" or "RequestShutdown")
                continue;

            if (!ExecutorWork.IsSubmission(use, known) || ExecutorWork.CodeOf(use) is not { } code || !CONC704WrongExecutorAnalyzer.IsMisplaced(use, code, known))
                return null;

            if (!toAsync && !AddSynchronousWork(code, edits, model, cancellationToken))
                return null;
        }

        return edits;
    }

    // The number is the same bound under another name; options aren't.
    private static BaseObjectCreationExpressionSyntax? Remade(BaseObjectCreationExpressionSyntax creation, bool toAsync, string type)
    {
        var (from, to) = toAsync ? ("maxThreads", "maxConcurrency") : ("maxConcurrency", "maxThreads");
        if (creation.Initializer is not null || creation.ArgumentList is not { Arguments: [] or [{ Expression: LiteralExpressionSyntax or IdentifierNameSyntax or MemberAccessExpressionSyntax }] } arguments)
            return null;

        if (arguments.Arguments is [{ NameColon: { } name } argument])
        {
            if (name.Name.Identifier.ValueText != from)
                return null;
            arguments = arguments.WithArguments([argument.WithNameColon(name.WithName(SyntaxFactory.IdentifierName(to).WithTriviaFrom(name.Name)))]);
        }

        return creation is ObjectCreationExpressionSyntax named ? named.WithType(Renamed(named.Type, type)).WithArgumentList(arguments) : creation.WithArgumentList(arguments);
    }

    private static TypeSyntax Renamed(TypeSyntax written, string type)
    {
        var name = written.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Last();
        return written.ReplaceNode(name, SyntaxFactory.IdentifierName(type).WithTriviaFrom(name));
    }

    // return Task.FromResult(x) → return x; what is done with `async` and never awaits does without it.
    private static bool AddSynchronousWork(IOperation code, Dictionary<SyntaxNode, SyntaxNode> edits, SemanticModel model, CancellationToken cancellationToken)
    {
        if (code is not IAnonymousFunctionOperation { Syntax: LambdaExpressionSyntax lambda, Symbol: var symbol })
            return false;

        var results = new Dictionary<SyntaxNode, SyntaxNode>();
        if (!symbol.IsAsync)
        {
            foreach (var result in lambda.ExpressionBody is { } expression ? [expression] : EnclosingFunction.OwnNodes(lambda).OfType<ReturnStatementSyntax>().Select(static one => one.Expression).OfType<ExpressionSyntax>())
            {
                if (result is InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression: var value }] } complete && model.GetSymbolInfo(complete, cancellationToken).Symbol is IMethodSymbol { Name: "FromResult" })
                    results[complete] = value.WithTriviaFrom(complete);
                else if (result.Parent is ReturnStatementSyntax returned && result is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "CompletedTask" })
                    results[returned] = returned.WithExpression(null).WithReturnKeyword(returned.ReturnKeyword.WithTrailingTrivia());
                else
                    return false;
            }
        }

        var synchronous = lambda.ReplaceNodes(results.Keys, (original, _) => results[original]);
        if (symbol.IsAsync)
            synchronous = synchronous.WithModifiers(synchronous.Modifiers.Remove(synchronous.Modifiers.First(static one => one.IsKind(SyntaxKind.AsyncKeyword)))).WithTriviaFrom(lambda);

        // A lambda inside of another that is edited, too, can't be replaced on its own.
        if (edits.Keys.Any(other => other.Span.IntersectsWith(lambda.Span)))
            return false;

        edits[lambda] = synchronous;
        return true;
    }
}
