using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// A task that is started in a using, or in a try with a finally, and awaited by the statement behind it:
/// <c>using (…) { t = F(r); } await t;</c> → <c>using (…) { t = F(r); await t; }</c>
/// </summary>
internal sealed class LateAwait
{
    private readonly BlockSyntax _scope;
    private readonly IdentifierNameSyntax _task;
    private readonly StatementSyntax _start;

    private LateAwait(BlockSyntax scope, IdentifierNameSyntax task, StatementSyntax start, ITypeSymbol type) => (_scope, _task, _start, Type) = (scope, task, start, type);

    /// <summary>The type of the local that holds the task.</summary>
    public ITypeSymbol Type { get; }

    // The later statement that does nothing but await the task: it moves. Null where it uses the result, and stays.
    private ExpressionStatementSyntax? Moved { get; init; }

    /// <summary>The tasks that are assigned after this one in the scope: their awaits come after its await.</summary>
    private ImmutableHashSet<string> Later => [.. _scope.Statements.Where(statement => statement.SpanStart > _start.SpanStart).Select(static statement => AssignedIn(statement)?.Identifier.ValueText).OfType<string>()];

    /// <summary>Null where to await the task earlier could change more than the time.</summary>
    public static LateAwait? Of(ExpressionSyntax work, SemanticModel model, CancellationToken cancellationToken)
    {
        if (work.FirstAncestorOrSelf<ExpressionStatementSyntax>() is not { Parent: BlockSyntax { Parent: { } owner } scope } start
            || AssignedIn(start) is not { } task || ((AssignmentExpressionSyntax)start.Expression).Right != work
            || !IsScope(scope, owner)
            || EnclosingFunction.Of(start) is not { } function || !EnclosingFunction.IsAsync(function)
            || !AwaitPlacement.IsAllowedIn(function, scope.Statements.Last(), model, cancellationToken)
            || model.AnalyzeControlFlow(scope.Statements.First(), scope.Statements.Last()) is not { Succeeded: true, EndPointIsReachable: true }
            || model.GetSymbolInfo(task, cancellationToken).Symbol is not ILocalSymbol { Type: var type } local
            || Behind(scope, owner) is not { } behind)
        {
            return null;
        }

        var mentions = function.DescendantNodes().OfType<IdentifierNameSyntax>()
            .Where(name => name != task && name.Identifier.ValueText == local.Name && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol, local)).ToList();
        if (mentions.Count == 0 || !mentions.TrueForAll(mention => mention.SpanStart > scope.Span.End && EnclosingFunction.Of(mention) == function && AwaitInsertion.AwaitOf(mention) is not null))
            return null;

        // What stands in between might be what ends the task; other awaits that are late as well wait no longer than this one.
        var first = mentions[0];
        var reached = behind.SkipWhile(statement => !statement.Span.Contains(first.Span) && AwaitedAlone(statement) is { } other && scope.Statements.Any(one => AssignedIn(one)?.Identifier.ValueText == other.Identifier.ValueText)).FirstOrDefault();
        if (reached is null || !IsEvaluated(first, reached))
            return null;

        var moved = mentions.Count == 1 && AwaitedAlone(reached) == first ? (ExpressionStatementSyntax)reached : null;
        return moved is null && type.IsValueTask(KnownSymbols.Of(model.Compilation)) ? null : new(scope, task, start, type) { Moved = moved };
    }

    /// <summary>The root with the await at the end of the scope; the task in it is annotated.</summary>
    public SyntaxNode Apply(SyntaxNode root, Document document, SyntaxAnnotation mark)
    {
        var later = Later;
        var place = _scope.Statements.Count;
        while (place > 0 && AwaitedAlone(_scope.Statements[place - 1]) is { } other && later.Contains(other.Identifier.ValueText))
            place--;

        var before = _scope.Statements[place - 1];
        var startsLine = before.GetTrailingTrivia().Any(SyntaxKind.EndOfLineTrivia);
        var indentation = startsLine ? SyntaxFactory.Whitespace(Indentation.Of(before)) : default;
        var name = SyntaxFactory.IdentifierName(_task.Identifier.WithoutTrivia()).WithAdditionalAnnotations(mark);
        var statement = Moved is null
            ? SyntaxFactory.ExpressionStatement(AwaitInsertion.Await(name, SyntaxFactory.ExpressionStatement(_task).Expression, AwaitInsertion.UsesConfigureAwaitFalse(root)).WithoutTrivia())
            : Moved.ReplaceNode(Moved.DescendantNodes().OfType<IdentifierNameSyntax>().First(one => one.Identifier.ValueText == _task.Identifier.ValueText), name);
        var comments = Moved?.GetLeadingTrivia().Where(StatementList.IsComment).SelectMany(comment => new[] { indentation, comment, SyntaxFactory.EndOfLine("\n") }) ?? [];
        var trailing = Moved is not null && (startsLine || Moved.GetTrailingTrivia().Any(StatementList.IsComment)) ? Moved.GetTrailingTrivia() : [.. before.GetTrailingTrivia().Where(static trivia => !StatementList.IsComment(trivia))];
        var added = statement.WithLeadingTrivia(comments.Append(indentation).Where(static trivia => trivia != default)).WithTrailingTrivia(trailing);

        var editor = new SyntaxEditor(root, document.Project.Solution.Services);
        editor.ReplaceNode(_scope, (old, _) => ((BlockSyntax)old).WithStatements(((BlockSyntax)old).Statements.Insert(place, added)));
        if (Moved is not null)
        {
            var list = Moved.ListOf();
            if (list.IndexOf(Moved) + 1 is var index && index < list.Length)
                editor.ReplaceNode(list[index], (old, _) => StatementList.WithBlankLinesOf(Moved, (StatementSyntax)old));

            editor.RemoveStatement(Moved);
        }

        return editor.GetChangedRoot();
    }

    // The end of it disposes or cleans up; a catch would be given exceptions of the task that it never saw.
    private static bool IsScope(BlockSyntax block, SyntaxNode owner) => owner switch
    {
        UsingStatementSyntax => true,
        TryStatementSyntax attempt => attempt.Block == block && attempt.Finally is not null && attempt.Catches.Count == 0,
        BlockSyntax => block.Statements.OfType<LocalDeclarationStatementSyntax>().Any(static statement => statement.UsingKeyword != default),
        _ => false,
    };

    /// <summary>The statements that run when the scope is over; null where that depends.</summary>
    private static IEnumerable<StatementSyntax>? Behind(BlockSyntax scope, SyntaxNode owner)
    {
        while (true)
        {
            var statement = owner as StatementSyntax;
            if (owner is BlockSyntax)
                statement = scope;

            while (statement?.Parent is UsingStatementSyntax outer)
                statement = outer;

            if (statement is null || statement.ListOf() is not { IsEmpty: false } list)
                return null;

            if (list.IndexOf(statement) + 1 is var next && next < list.Length)
                return list.Skip(next);

            if (statement.Parent is not BlockSyntax { Parent: { } around } block || !IsScope(block, around))
                return null;

            (scope, owner) = (block, around);
        }
    }

    private static IdentifierNameSyntax? AssignedIn(StatementSyntax statement) =>
        statement is ExpressionStatementSyntax { Expression: AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Left: IdentifierNameSyntax target } } ? target : null;

    // await t; await t.ConfigureAwait(false);
    private static IdentifierNameSyntax? AwaitedAlone(StatementSyntax statement) =>
        statement is ExpressionStatementSyntax { Expression: AwaitExpressionSyntax awaited } && AwaitInsertion.TaskOf(awaited) is IdentifierNameSyntax task ? task : null;

    // Nothing is called before it in the statement, and nothing decides whether it is reached.
    private static bool IsEvaluated(SyntaxNode node, StatementSyntax statement)
    {
        if (statement.DescendantNodes().Any(one => one.Span.End <= node.SpanStart && one is InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax))
            return false;

        for (var current = node; current != statement; current = current.Parent!)
        {
            var isPart = current.Parent switch
            {
                InvocationExpressionSyntax or ArgumentListSyntax or ArgumentSyntax or MemberAccessExpressionSyntax or AwaitExpressionSyntax or ParenthesizedExpressionSyntax or EqualsValueClauseSyntax or VariableDeclaratorSyntax or VariableDeclarationSyntax or CastExpressionSyntax => true,
                ElementAccessExpressionSyntax or BracketedArgumentListSyntax or InterpolationSyntax or InterpolatedStringExpressionSyntax or PrefixUnaryExpressionSyntax or TupleExpressionSyntax => true,
                AssignmentExpressionSyntax assignment => assignment.IsKind(SyntaxKind.SimpleAssignmentExpression),
                BinaryExpressionSyntax binary => binary.Kind() is not (SyntaxKind.LogicalAndExpression or SyntaxKind.LogicalOrExpression or SyntaxKind.CoalesceExpression),
                IfStatementSyntax choice => choice.Condition == current && choice == statement,
                ForEachStatementSyntax loop => loop.Expression == current && loop == statement,
                ExpressionStatementSyntax or ReturnStatementSyntax or LocalDeclarationStatementSyntax => current.Parent == statement,
                _ => false,
            };
            if (!isPart)
                return false;
        }

        return true;
    }
}
