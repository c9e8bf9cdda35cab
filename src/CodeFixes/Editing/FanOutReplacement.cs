using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// Puts one call in the place of tasks that are started one by one and awaited together: in place of the WhenAll that
/// is given the projection, or of the local, the loop that fills it and the WhenAll or loop that awaits it.
/// </summary>
internal sealed class FanOutReplacement
{
    private readonly ExpressionSyntax? _whenAll;
    private readonly List<StatementSyntax> _removed = [];
    private StatementSyntax? _started;
    private ForEachStatementSyntax? _awaitLoop;
    private TaskResults? _results;
    private string? _resultsName;
    private string? _startedName;

    private FanOutReplacement(FannedOutWork work, ExpressionSyntax? whenAll, ITypeSymbol type) => (Work, _whenAll, Type) = (work, whenAll, type);

    public FannedOutWork Work { get; }

    /// <summary>The type of what the call replaces.</summary>
    public ITypeSymbol Type { get; }

    /// <summary>Where the call goes.</summary>
    public SyntaxNode Place => _started ?? _whenAll ?? (SyntaxNode)_awaitLoop!;

    /// <summary>Whether anything reads the results.</summary>
    public bool UsesResults => _results is not null
        || (Type is INamedTypeSymbol { IsGenericType: true } && !(AwaitInsertion.AwaitOf(_whenAll!) is { Parent: ExpressionStatementSyntax }));

    /// <summary>The replacement for a finding; null where it can't be proved.</summary>
    public static FanOutReplacement? Find(SyntaxNode reported, SemanticModel model, CancellationToken cancellationToken)
    {
        var known = KnownSymbols.Of(model.Compilation);
        if (model.GetOperation(reported, cancellationToken) is not { } operation)
            return null;

        if (operation is IInvocationOperation invocation && TaskConsumers.IsWhenAllOrEach(invocation, known.Task!))
        {
            if (invocation is not { TargetMethod.Name: "WhenAll", Type: { } type } || reported is not InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression: var tasks }] } whenAll
                || TaskFanOut.Of(invocation.Arguments[0].Value, invocation, known).ToList() is not [var fanOut] || FannedOutWork.From(fanOut, model, cancellationToken) is not { } work)
            {
                return null;
            }

            var replacement = new FanOutReplacement(work, whenAll, type);
            var start = Strip(tasks, fanOut.Syntax);
            return start == fanOut.Syntax || (start is IdentifierNameSyntax local && replacement.TryTakeLocal(local, fanOut, model, cancellationToken)) ? replacement : null;
        }

        return FindLoop(operation, model, known, cancellationToken);
    }

    /// <summary>The root with the call in its new place, annotated.</summary>
    public SyntaxNode Apply(SyntaxNode root, Document document, ExpressionSyntax call)
    {
        var editor = new SyntaxEditor(root, document.Project.Solution.Services);
        _results?.Apply(editor);
        MoveTrivia(editor, call);
        if (_started is not null)
        {
            editor.ReplaceNode(_started, (old, _) => KeptComments.Above(Started(old, call), _started));
            editor.ReplaceNode(_whenAll!, SyntaxFactory.IdentifierName(_startedName!).WithTriviaFrom(_whenAll!));
        }
        else if (_whenAll is not null)
        {
            editor.ReplaceNode(_whenAll, call.WithTriviaFrom(_whenAll));
            if (_resultsName is not null)
                editor.ReplaceNode(AwaitInsertion.AwaitOf(_whenAll)!.Parent!, (old, _) => Declare(_resultsName, ((ExpressionStatementSyntax)old).Expression, old));
        }
        else
        {
            var awaited = AwaitInsertion.Await(call, _awaitLoop!, AwaitInsertion.UsesConfigureAwaitFalse(root)).WithoutTrivia();
            if (_results is null)
                editor.ReplaceNode(_awaitLoop!, (old, _) => KeptComments.Above(SyntaxFactory.ExpressionStatement(awaited).WithTriviaFrom(old), _awaitLoop!));
            else
                editor.ReplaceNode(_awaitLoop!.Expression, awaited.WithTriviaFrom(_awaitLoop.Expression));
        }

        return editor.GetChangedRoot();
    }

    // The tasks run while other statements do: the local holds the one task of them all.
    private LocalDeclarationStatementSyntax Started(SyntaxNode old, ExpressionSyntax call)
    {
        if (old is not LocalDeclarationStatementSyntax { Declaration: { Variables: [{ Initializer: { } initializer } variable] } declaration } local)
            return Declare(_startedName!, call, old);

        var type = declaration.Type.IsVar ? declaration.Type : SyntaxFactory.IdentifierName("var").WithTriviaFrom(declaration.Type);
        return local.WithDeclaration(declaration.WithType(type).WithVariables([variable.WithInitializer(initializer.WithValue(call.WithTriviaFrom(initializer.Value)))]));
    }

    /// <summary>The projection behind what only copies the tasks: ToList, a spread, a constructor.</summary>
    private static ExpressionSyntax Strip(ExpressionSyntax tasks, SyntaxNode start)
    {
        while (tasks != start)
        {
            switch (tasks)
            {
                case ParenthesizedExpressionSyntax parenthesized:
                    tasks = parenthesized.Expression;
                    break;
                case InvocationExpressionSyntax { ArgumentList.Arguments.Count: 0, Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ToArray" or "ToList" or "AsEnumerable" or "ToHashSet" or "ToImmutableArray" or "ToImmutableList" } copy }:
                    tasks = copy.Expression;
                    break;
                case CollectionExpressionSyntax { Elements: [SpreadElementSyntax spread] }:
                    tasks = spread.Expression;
                    break;
                case BaseObjectCreationExpressionSyntax { Initializer: null, ArgumentList.Arguments: [{ Expression: var copied }] }:
                    tasks = copied;
                    break;
                default:
                    return tasks;
            }
        }

        return tasks;
    }

    private static FanOutReplacement? FindLoop(IOperation start, SemanticModel model, KnownSymbols known, CancellationToken cancellationToken)
    {
        foreach (var awaited in AssignedValues.Root(start).Descendants().OfType<IAwaitOperation>())
        {
            if (TaskConsumers.LoopOver(awaited, known) is not var (loop, tasks) || loop.Syntax is not ForEachStatementSyntax syntax
                || TaskFanOut.Of(tasks, loop, known).ToList() is not [var fanOut] || fanOut.Syntax != start.Syntax
                || FannedOutWork.From(fanOut, model, cancellationToken) is not { } work)
            {
                continue;
            }

            // What ends the loop early, or handles each task's own failure, is not the same once all are awaited together.
            var body = syntax.Statement is BlockSyntax { Statements: [var only] } ? only : syntax.Statement;
            if (body.DescendantNodesAndSelf().Any(static node => node is TryStatementSyntax or ReturnStatementSyntax or YieldStatementSyntax or BreakStatementSyntax or ThrowStatementSyntax or GotoStatementSyntax))
                return null;

            var isBare = body is ExpressionStatementSyntax { Expression: AwaitExpressionSyntax { Expression: var operand } } && operand.DescendantNodesAndSelf().All(static node => node is NameSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax or ArgumentListSyntax or ArgumentSyntax or LiteralExpressionSyntax);
            var replacement = new FanOutReplacement(work, null, known.Task!) { _awaitLoop = syntax };
            var collection = Strip(syntax.Expression, fanOut.Syntax);
            if (!isBare && !replacement.TryReadResults(results => results.TryRewriteLoop(syntax), syntax.Identifier.ValueText, model, cancellationToken))
                return null;

            return collection == fanOut.Syntax || (collection is IdentifierNameSyntax local && replacement.TryTakeLocal(local, fanOut, model, cancellationToken)) ? replacement : null;
        }

        return null;
    }

    /// <summary>The tasks are in a local, which the statement before declares or the loop before fills.</summary>
    private bool TryTakeLocal(IdentifierNameSyntax name, TaskFanOut fanOut, SemanticModel model, CancellationToken cancellationToken)
    {
        if (model.GetSymbolInfo(name, cancellationToken).Symbol is not ILocalSymbol { DeclaringSyntaxReferences: [var reference] } local
            || reference.GetSyntax(cancellationToken) is not VariableDeclaratorSyntax { Initializer.Value: var initial, Parent.Parent: LocalDeclarationStatementSyntax { Declaration.Variables.Count: 1, UsingKeyword.RawKind: 0 } declaration })
        {
            return false;
        }

        var start = fanOut.Syntax;
        StatementSyntax? producer = fanOut.Loop is null ? declaration : fanOut.Loop.Syntax as StatementSyntax;
        if (producer is null || producer.ListOf() is not { IsEmpty: false } list || !list.Contains(declaration) || (producer == declaration ? Strip(initial, start) != start : !IsEmpty(initial)))
            return false;

        var mentions = declaration.ScopeOf().DescendantNodes().OfType<IdentifierNameSyntax>()
            .Where(one => one.Identifier.ValueText == local.Name && one != name && !producer.Span.Contains(one.Span) && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(one, cancellationToken).Symbol, local))
            .ToList();
        var position = list.IndexOf(producer);
        var consumer = position + 1 < list.Length ? list[position + 1] : null;
        if (consumer is not null && IsEvaluatedFirst(_whenAll ?? name, consumer) && mentions.TrueForAll(mention => mention.SpanStart > consumer.Span.End))
        {
            _removed.AddRange(producer == declaration ? [producer] : [declaration, producer]);
            return mentions.Count == 0 || (_whenAll is not null && AwaitInsertion.AwaitOf(_whenAll) is { Parent: { } statement } && TryReadLater(mentions, statement, model, cancellationToken));
        }

        // The tasks run while other statements do: they still start where they started.
        if (mentions.Count > 0 || !fanOut.IsEager || _whenAll is null || _whenAll.SpanStart < producer.Span.End || !IsUntouched(producer, _whenAll, model, cancellationToken))
            return false;

        _started = producer;
        _startedName = local.Name;
        if (producer != declaration)
            _removed.Add(declaration);
        return true;
    }

    // await Task.WhenAll(tasks); … tasks.Select(t => t.Result)
    private bool TryReadLater(List<IdentifierNameSyntax> mentions, SyntaxNode statement, SemanticModel model, CancellationToken cancellationToken)
    {
        switch (statement)
        {
            case EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Identifier.Text: var results } }:
                _results = new TaskResults(results, model, cancellationToken);
                return mentions.TrueForAll(_results.TryRewrite);
            case ExpressionStatementSyntax awaited when Type is INamedTypeSymbol { IsGenericType: true } && !awaited.ListOf().IsEmpty:
                _resultsName = FreshName.In(awaited.ScopeOf(), model, "results");
                return TryReadResults(results => mentions.TrueForAll(results.TryRewrite), _resultsName, model, cancellationToken);
            default:
                return false;
        }
    }

    private bool TryReadResults(Func<TaskResults, bool> rewrite, string name, SemanticModel model, CancellationToken cancellationToken)
    {
        _results = new TaskResults(name, model, cancellationToken);
        return rewrite(_results);
    }

    // Comments on what goes away, and in it, move to what stays.
    private void MoveTrivia(SyntaxEditor editor, ExpressionSyntax call)
    {
        if (_removed.Count == 0)
            return;

        var first = _removed[0];
        StatementSyntax? stays = _started ?? (_whenAll ?? (SyntaxNode)_awaitLoop!).AncestorsAndSelf().OfType<StatementSyntax>().First(statement => statement.ListOf().Contains(_removed[_removed.Count - 1]));
        var list = stays.ListOf();
        if (list.IndexOf(first) + _removed.Count != list.IndexOf(stays))
            first = _removed.Count > 1 && list.IndexOf(_removed[1]) + 1 == list.IndexOf(stays) ? _removed[1] : stays;

        var leading = first.GetLeadingTrivia();
        var comments = first == stays ? [] : KeptComments.Lost(_removed.SelectMany(static one => one.DescendantTrivia()).Except(leading), call).Concat(stays.GetLeadingTrivia().Where(StatementList.IsComment));
        var indentation = leading.Reverse().TakeWhile(static trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)).ToList();
        foreach (var comment in comments)
            leading = leading.AddRange([comment, SyntaxFactory.ElasticCarriageReturnLineFeed, .. indentation]);

        if (first != stays)
            editor.ReplaceNode(stays, (old, _) => old.WithLeadingTrivia(leading));
        foreach (var statement in _removed)
            editor.RemoveStatement(statement);
    }

    private static LocalDeclarationStatementSyntax Declare(string name, ExpressionSyntax value, SyntaxNode place) =>
        SyntaxFactory.LocalDeclarationStatement(SyntaxFactory.VariableDeclaration(
            SyntaxFactory.IdentifierName(SyntaxFactory.Identifier(default, "var", [SyntaxFactory.Space])),
            [SyntaxFactory.VariableDeclarator(
                SyntaxFactory.Identifier(default, name, [SyntaxFactory.Space]), null,
                SyntaxFactory.EqualsValueClause(SyntaxFactory.Token(default, SyntaxKind.EqualsToken, [SyntaxFactory.Space]), value.WithoutTrivia()))]))
            .WithTriviaFrom(place);

    private static bool IsEmpty(ExpressionSyntax initial) => initial switch
    {
        BaseObjectCreationExpressionSyntax { Initializer: null, ArgumentList: var arguments } => arguments is null || arguments.Arguments.All(static argument => argument.Expression is not InvocationExpressionSyntax),
        CollectionExpressionSyntax { Elements.Count: 0 } => true,
        ArrayCreationExpressionSyntax { Initializer: null } => true,
        _ => false,
    };

    // Nothing of the statement comes before it, and nothing decides whether it is reached.
    private static bool IsEvaluatedFirst(SyntaxNode node, StatementSyntax statement)
    {
        for (var current = node; current != statement; current = current.Parent!)
        {
            switch (current.Parent)
            {
                case null or AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or ConditionalExpressionSyntax or BinaryExpressionSyntax or ConditionalAccessExpressionSyntax:
                case StatementSyntax parent when parent != statement:
                case ForEachStatementSyntax loop when loop.Statement == current:
                case BlockSyntax or TryStatementSyntax or WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax or LockStatementSyntax:
                    return false;
            }
        }

        return true;
    }

    // Between the start and the await, nothing is written that the work or its source mentions.
    private static bool IsUntouched(StatementSyntax producer, SyntaxNode consumer, SemanticModel model, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(producer.DescendantNodes().OfType<IdentifierNameSyntax>()
            .Where(name => model.GetSymbolInfo(name, cancellationToken).Symbol is ILocalSymbol or IParameterSymbol or IFieldSymbol or IPropertySymbol)
            .Select(static name => name.Identifier.ValueText));
        return EnclosingFunction.Of(producer) == EnclosingFunction.Of(consumer)
            && !producer.ScopeOf().DescendantNodes().OfType<IdentifierNameSyntax>()
                .Any(name => name.SpanStart > producer.Span.End && name.Span.End < consumer.SpanStart && names.Contains(name.Identifier.ValueText));
    }
}
