using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Turns a timeout made of WhenAny and Delay, with the statement that asks who won, into WaitAsync.</summary>
internal sealed class TimeoutRaceEdit
{
    private readonly StatementSyntax _first;
    private readonly List<StatementSyntax> _removed;
    private readonly List<StatementSyntax> _written;

    private TimeoutRaceEdit(ExpressionSyntax task, string title, SyntaxAnnotation replacement, StatementSyntax first, IEnumerable<StatementSyntax> removed, IEnumerable<StatementSyntax> written) =>
        (Task, Title, Replacement, _first, _removed, _written) = (task, title, replacement, first, [.. removed], [.. written]);

    public ExpressionSyntax Task { get; }

    public string Title { get; }

    /// <summary>Marks the call of WaitAsync.</summary>
    public SyntaxAnnotation Replacement { get; }

    /// <summary>Null where the winner is used in a way that has no counterpart.</summary>
    public static TimeoutRaceEdit? Of(InvocationExpressionSyntax call, TimeoutRace race, SemanticModel model, SyntaxGenerator generator, CancellationToken cancellationToken)
    {
        var known = KnownSymbols.Of(model.Compilation);
        if (AssignedValues.Unwrap(race.Task).Syntax is not ExpressionSyntax task
            || race.Delay.Syntax is not InvocationExpressionSyntax delay
            || !IsInOrder(race.Delay)
            || AwaitOf(call) is not { } awaited
            || awaited.FirstAncestorOrSelf<StatementSyntax>() is not { Parent: BlockSyntax or GlobalStatementSyntax } statement
            || !TryGetDelayDeclaration(race, statement, cancellationToken, out var declaration))
        {
            return null;
        }

        var marker = new SyntaxAnnotation();
        var configureAwaitFalse = awaited.Expression != call && awaited.Expression is InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression.RawKind: (int)SyntaxKind.FalseLiteralExpression }] };
        var arguments = AwaitedTask.AsTimeSpans(delay.ArgumentList, model, generator, known, cancellationToken);
        IEnumerable<StatementSyntax> gone = declaration is null ? [] : [declaration];
        var idle = IdleSource(race.Delay, statement, cancellationToken);
        if (idle is not null)
        {
            gone = gone.Append(idle);
            arguments = arguments.WithArguments(arguments.Arguments.RemoveAt(arguments.Arguments.Count - 1));
        }

        if (statement is ExpressionStatementSyntax)
            return Unused(task, WaitAsync(), awaited, statement, gone, configureAwaitFalse, marker, model, generator, known);

        if ((idle is not null || race.Delay.Arguments.All(argument => argument.Parameter?.Type.Name != "CancellationToken" || argument.IsImplicit)) && TokenScope.TokenFor(call, model, known) is { } token)
            arguments = arguments.AddArguments(SyntaxFactory.Argument(SyntaxFactory.ParseExpression(token)).WithLeadingTrivia(SyntaxFactory.Space));

        if (Question(awaited, statement) is not { } question || StatementsBehind(question.If) is not { } behind || question.IsTaskWinner(task, race.DelayLocal?.Name) is not { } isTaskWinner)
            return null;

        gone = [.. gone, .. question.Declaration is { } winner ? [winner] : Array.Empty<StatementSyntax>(), question.If];
        var first = (StatementSyntax?)question.Declaration ?? question.If;
        var onTimeout = isTaskWinner ? question.If.Else?.Statement : question.If.Statement;
        var inTime = isTaskWinner ? question.If.Statement : question.If.Else?.Statement;

        var indentation = Indentation.Of(first);

        // Without an else, what stands behind the if is the other way.
        List<StatementSyntax> timedOut, rest;
        if (onTimeout is not null)
        {
            (timedOut, rest) = (Inner(onTimeout), inTime is null ? [] : [.. Inner(inTime).Select(one => Placed(one, indentation))]);
        }
        else if (Exits(inTime!))
        {
            (timedOut, rest) = (behind, [.. Inner(inTime!).Select(one => Placed(one, indentation))]);
            gone = gone.Concat(behind);
        }
        else
        {
            return null;
        }

        if (timedOut.Count == 0 || !Exits(timedOut.Last()))
            return null;

        const string Title = "Replace with 'WaitAsync', which throws a TimeoutException, and the task's own exceptions";
        var wait = WaitAsync();
        if (timedOut is [ThrowStatementSyntax { Expression: BaseObjectCreationExpressionSyntax { ArgumentList.Arguments.Count: 0 } thrown }] && IsTimeoutException(thrown, model, cancellationToken))
        {
            // The await that follows is the one to bound.
            var next = rest.Count > 0 ? rest[0] : onTimeout is null ? null : behind.FirstOrDefault();
            if (next is not null && OnlyAwaitOf(task, next) is { } operand)
            {
                var bounded = next.ReplaceNode(operand, wait.WithTriviaFrom(operand));
                return rest.Count > 0
                    ? new(task, Title, marker, first, gone, [bounded, .. rest.Skip(1)])
                    : new(task, Title, marker, first, gone.Append(next), [bounded]);
            }

            return new(task, Title, marker, first, gone, [Placed(Await(wait, configureAwaitFalse)), .. rest]);
        }

        var handled = Handled(Await(wait, configureAwaitFalse), (TypeSyntax)generator.ImportedType(known.TimeoutException!), timedOut, indentation);
        return new(task, Title, marker, first, gone, [handled, .. rest]);

        InvocationExpressionSyntax WaitAsync() => SyntaxFactory.InvocationExpression(
            SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, AwaitInsertion.Parenthesize(task.WithoutTrivia()), SyntaxFactory.IdentifierName("WaitAsync")),
            arguments.WithoutTrivia()).WithAdditionalAnnotations(marker);
    }

    public SyntaxNode Apply(SyntaxNode root)
    {
        var written = _written.Select((one, index) => index == 0 ? InPlaceOfFirst(one) : one).ToList();
        if (_first.Parent is GlobalStatementSyntax)
        {
            root = root.TrackNodes(_removed.Select(static one => one.Parent!));
            root = root.ReplaceNode(root.GetCurrentNode(_first.Parent)!, written.Select(SyntaxFactory.GlobalStatement));
            return root.RemoveNodes(_removed.Where(one => one != _first).Select(one => root.GetCurrentNode(one.Parent!)!), SyntaxRemoveOptions.KeepDirectives)!;
        }

        var block = (BlockSyntax)_first.Parent!;
        var statements = block.Statements.SelectMany(one => one == _first ? written : _removed.Contains(one) ? [] : (IEnumerable<StatementSyntax>)[one]);
        return root.ReplaceNode(block, block.WithStatements([.. statements]));
    }

    // The comments of an if go on with the statements that are kept of it.
    private StatementSyntax InPlaceOfFirst(StatementSyntax written)
    {
        written = written.WithLeadingTrivia(_first.GetLeadingTrivia());
        return _first is LocalDeclarationStatementSyntax ? KeptComments.Above(written, _first) : written;
    }

    // Nobody asks who won, and WhenAny throws nothing: neither does this.
    private static TimeoutRaceEdit? Unused(ExpressionSyntax task, InvocationExpressionSyntax wait, AwaitExpressionSyntax awaited, StatementSyntax statement, IEnumerable<StatementSyntax> gone, bool configureAwaitFalse, SyntaxAnnotation marker, SemanticModel model, SyntaxGenerator generator, KnownSymbols known)
    {
        if (known.ConfigureAwaitOptions is not { } options || !SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(task).Type, known.Task))
            return null;

        var option = generator.ImportedMember(options, "SuppressThrowing");
        if (!configureAwaitFalse)
            option = SyntaxFactory.BinaryExpression(SyntaxKind.BitwiseOrExpression, option, generator.ImportedMember(options, "ContinueOnCapturedContext"));

        var configured = SyntaxFactory.InvocationExpression(
            SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, wait, SyntaxFactory.IdentifierName("ConfigureAwait")),
            SyntaxFactory.ArgumentList([SyntaxFactory.Argument(option)]));
        var written = statement.ReplaceNode(awaited, awaited.WithExpression(configured));
        return new(task, "Replace with 'WaitAsync' that throws nothing", marker, statement, gone.Append(statement), [written]);
    }

    private static AwaitExpressionSyntax? AwaitOf(InvocationExpressionSyntax call) => call.Parent switch
    {
        AwaitExpressionSyntax awaited => awaited,
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Parent: InvocationExpressionSyntax { Parent: AwaitExpressionSyntax awaited } } => awaited,
        _ => null,
    };

    private static bool IsInOrder(IInvocationOperation delay)
    {
        var ordinals = delay.Arguments.Where(static argument => !argument.IsImplicit).OrderBy(static argument => argument.Syntax.SpanStart).Select(static argument => argument.Parameter?.Ordinal ?? -1).ToList();
        return ordinals.SequenceEqual(ordinals.OrderBy(static one => one));
    }

    // The delay starts when it is declared; what is in between takes no time that would matter.
    private static bool TryGetDelayDeclaration(TimeoutRace race, StatementSyntax statement, CancellationToken cancellationToken, out LocalDeclarationStatementSyntax? declaration)
    {
        declaration = null;
        if (race.DelayLocal is not { } local)
            return true;

        declaration = local.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellationToken)?.FirstAncestorOrSelf<LocalDeclarationStatementSyntax>();
        return declaration is { Declaration.Variables.Count: 1, Parent: BlockSyntax } && declaration.Parent == statement.Parent;
    }

    // `using var source = new CancellationTokenSource();` that only gave the delay a token, and that nothing ever cancels.
    private static LocalDeclarationStatementSyntax? IdleSource(IInvocationOperation delay, StatementSyntax statement, CancellationToken cancellationToken) =>
        delay.Arguments.OrderBy(static argument => argument.Syntax.SpanStart).LastOrDefault(static argument => !argument.IsImplicit) is { Value: IPropertyReferenceOperation { Property.Name: "Token", Instance: ILocalReferenceOperation { Local: var source } } }
        && VariableMentions.Of(source, delay) is [IVariableDeclaratorOperation { Initializer.Value: IObjectCreationOperation { Arguments.IsEmpty: true, Initializer: null } }, _]
        && source.DeclaringSyntaxReferences[0].GetSyntax(cancellationToken).FirstAncestorOrSelf<LocalDeclarationStatementSyntax>() is { Declaration.Variables.Count: 1, Parent: BlockSyntax } declaration
        && declaration.Parent == statement.Parent
            ? declaration
            : null;

    private static TimeoutQuestion? Question(AwaitExpressionSyntax awaited, StatementSyntax statement)
    {
        switch (statement)
        {
            case IfStatementSyntax asked:
                return TimeoutQuestion.Of(asked, awaited, null);
            case LocalDeclarationStatementSyntax { Declaration.Variables: [{ Initializer.Value: var value } winner], Parent: BlockSyntax block } declaration when value == awaited:
                var next = block.Statements.ElementAtOrDefault(block.Statements.IndexOf(declaration) + 1);
                var isAskedOnce = block.DescendantNodes().OfType<IdentifierNameSyntax>().Count(name => name.Identifier.ValueText == winner.Identifier.ValueText) == 1;
                return isAskedOnce && next is IfStatementSyntax behind ? TimeoutQuestion.Of(behind, SyntaxFactory.IdentifierName(winner.Identifier), declaration) : null;
            default:
                return null;
        }
    }

    private static List<StatementSyntax>? StatementsBehind(IfStatementSyntax asked) => asked.Parent switch
    {
        BlockSyntax block => [.. block.Statements.Skip(block.Statements.IndexOf(asked) + 1)],
        GlobalStatementSyntax { Parent: CompilationUnitSyntax unit } global => [.. unit.Members.OfType<GlobalStatementSyntax>().SkipWhile(one => one != global).Skip(1).Select(static one => one.Statement)],
        _ => null,
    };

    private static List<StatementSyntax> Inner(StatementSyntax statement) => statement is BlockSyntax block ? [.. block.Statements] : [statement];

    private static bool Exits(StatementSyntax statement) => statement switch
    {
        BlockSyntax block => block.Statements.LastOrDefault() is { } last && Exits(last),
        ReturnStatementSyntax or ThrowStatementSyntax or ContinueStatementSyntax or BreakStatementSyntax => true,
        _ => false,
    };

    private static bool IsTimeoutException(ExpressionSyntax thrown, SemanticModel model, CancellationToken cancellationToken) =>
        SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(thrown, cancellationToken).Type, KnownSymbols.Of(model.Compilation).TimeoutException);

    // `await task;`, `return await task.ConfigureAwait(false);`, `var x = await task;`
    private static ExpressionSyntax? OnlyAwaitOf(ExpressionSyntax task, StatementSyntax statement)
    {
        var value = statement switch
        {
            ExpressionStatementSyntax { Expression: var expression } => expression is AssignmentExpressionSyntax { Right: var right } ? right : expression,
            ReturnStatementSyntax { Expression: { } returned } => returned,
            LocalDeclarationStatementSyntax { UsingKeyword.RawKind: 0, Declaration.Variables: [{ Initializer.Value: var initial }] } => initial,
            _ => null,
        };
        if (value is not AwaitExpressionSyntax { Expression: var operand })
            return null;

        if (operand is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Expression: var configured } })
            operand = configured;

        return SyntaxFactory.AreEquivalent(operand, task) ? operand : null;
    }

    private static TryStatementSyntax Handled(ExpressionStatementSyntax wait, TypeSyntax exception, IEnumerable<StatementSyntax> onTimeout, string indentation)
    {
        var inner = indentation + (indentation.Contains("\t") ? "\t" : "    ");
        var written = (TryStatementSyntax)SyntaxFactory.ParseStatement($"try\n{indentation}{{\n{indentation}}}\n{indentation}catch (E)\n{indentation}{{\n{indentation}}}\n");
        var clause = written.Catches[0];
        return written
            .WithBlock(written.Block.AddStatements(Placed(wait.WithLeadingTrivia(SyntaxFactory.Whitespace(inner)))))
            .WithCatches([clause.WithDeclaration(clause.Declaration!.WithType(exception)).WithBlock(clause.Block.AddStatements([.. onTimeout.Select((one, index) => index == 0 ? WithoutBlankLines(Placed(one, inner)) : Placed(one, inner))]))]);
    }

    private static StatementSyntax WithoutBlankLines(StatementSyntax statement) =>
        statement.WithLeadingTrivia(statement.GetLeadingTrivia().SkipWhile(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia)));

    // On a line of its own, with that indentation.
    private static StatementSyntax Placed(StatementSyntax statement, string indentation)
    {
        var first = statement.GetFirstToken();
        var startsLine = first.LeadingTrivia.Any(SyntaxKind.EndOfLineTrivia) || first.GetPreviousToken().TrailingTrivia.Any(SyntaxKind.EndOfLineTrivia);
        return Placed(startsLine ? Indentation.Shift(statement, Indentation.Of(statement), indentation) : statement.WithLeadingTrivia(SyntaxFactory.Whitespace(indentation)));
    }

    private static StatementSyntax Placed(StatementSyntax statement) => statement.GetTrailingTrivia() is var trailing && trailing.Any(SyntaxKind.EndOfLineTrivia)
        ? statement
        : statement.WithTrailingTrivia(trailing.Where(static trivia => !trivia.IsKind(SyntaxKind.WhitespaceTrivia)).Append(SyntaxFactory.EndOfLine("\n")));

    // Without elastic trivia, so that the clean-up leaves the white space around it alone.
    private static ExpressionStatementSyntax Await(ExpressionSyntax wait, bool configureAwaitFalse)
    {
        var place = SyntaxFactory.ExpressionStatement(SyntaxFactory.IdentifierName("wait")).Expression;
        return SyntaxFactory.ExpressionStatement(AwaitInsertion.Await(wait, place, configureAwaitFalse).WithoutTrivia(), SyntaxFactory.Token(default, SyntaxKind.SemicolonToken, default));
    }
}
