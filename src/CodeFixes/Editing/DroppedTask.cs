using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// A task that is dropped where it stands: as a statement or the body of a lambda, by an assignment to a discard or to a
/// local that is never read, or in the declaration of such a local. It can be awaited or observed in that place.
/// </summary>
internal sealed class DroppedTask
{
    private readonly ExpressionSyntax _value;
    private readonly SemanticModel _model;
    private readonly KnownSymbols _known;
    private readonly CancellationToken _cancellationToken;

    // What gives way to the await or the observation: the value itself, the assignment, or the whole declaration.
    private readonly SyntaxNode _place;

    // The declared local, if it has further uses and its declaration stays: then a statement follows the declaration.
    private readonly string? _kept;

    private DroppedTask(ExpressionSyntax value, SyntaxNode place, string? kept, SemanticModel model, KnownSymbols known, CancellationToken cancellationToken)
    {
        _value = value;
        _place = place;
        _kept = kept;
        _model = model;
        _known = known;
        _cancellationToken = cancellationToken;
    }

    /// <summary>The task that the node is the value of; null where nothing can be put in its place.</summary>
    public static DroppedTask? At(SyntaxNode? node, SemanticModel model, CancellationToken cancellationToken)
    {
        if (node is not ExpressionSyntax value)
            return null;

        while (value.Parent is ParenthesizedExpressionSyntax or CastExpressionSyntax or PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression })
            value = (ExpressionSyntax)value.Parent;

        var known = KnownSymbols.Of(model.Compilation);
        return value.Parent switch
        {
            ExpressionStatementSyntax or ArrowExpressionClauseSyntax or ForStatementSyntax => new(value, value, null, model, known, cancellationToken),
            LambdaExpressionSyntax lambda when lambda.Body == value => new(value, value, null, model, known, cancellationToken),
            AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression } assignment when IsReplaceable(assignment, model, cancellationToken) => new(value, assignment, null, model, known, cancellationToken),
            UsingStatementSyntax or EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Type.IsVar: true, Parent: UsingStatementSyntax or LocalDeclarationStatementSyntax { UsingKeyword.RawKind: not 0 } } } } =>
                new(value, value, null, model, known, cancellationToken) { IsResource = true },
            EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Parent: LocalDeclarationStatementSyntax { UsingKeyword.RawKind: 0 } statement } declaration } declarator } =>
                OfDeclaration(statement, declaration, declarator),
            _ => null,
        };

        DroppedTask? OfDeclaration(LocalDeclarationStatementSyntax statement, VariableDeclarationSyntax declaration, VariableDeclaratorSyntax declarator)
        {
            var isAlone = declaration.Variables.Count == 1 && model.GetDeclaredSymbol(declarator, cancellationToken) is { } local && !IsNamed(local, statement, model, cancellationToken);
            if (isAlone)
                return new(value, statement, null, model, known, cancellationToken);

            return statement.Parent is BlockSyntax or SwitchSectionSyntax or GlobalStatementSyntax
                ? new(value, statement, declarator.Identifier.Text, model, known, cancellationToken)
                : null;
        }
    }

    // The value of a using, which disposes it: only its result could have been meant.
    private bool IsResource { get; init; }

    public bool CanObserve => !IsResource && Observation.IsAvailable(_model, _value.SpanStart, _known) && !MayBeNull(_value);

    public bool CanAwait =>
        (_value is ConditionalAccessExpressionSyntax ? AlternativeToNull() is not null : !MayBeNull(_value))
        && AwaitPlacement.CanAwait(_value, _model, _cancellationToken)
        && !IsInEndlessFunction
        && CanHoldResult
        && (!IsResource || (ResultType is { } result && _model.Compilation.ClassifyConversion(result, _model.Compilation.GetSpecialType(SpecialType.System_IDisposable)) is { IsImplicit: true, IsUserDefined: false }));

    // A lambda without end fits Func<Task> though nobody thought of a task: an accept loop, say, that must not wait for each client.
    private bool IsInEndlessFunction =>
        EnclosingFunction.Of(_value) is AnonymousFunctionExpressionSyntax { AsyncKeyword.RawKind: 0, Block: { } block }
        && !block.DescendantNodes(static node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)).Any(static node => node is ReturnStatementSyntax);

    public Document Observe(Document document, SyntaxNode root)
    {
        var generator = SyntaxGenerator.GetGenerator(document);
        if (_kept is not null)
            return document.WithSyntaxRoot(InsertAfter(root, _place, Observation.Observe(SyntaxFactory.IdentifierName(_kept), generator, _known)));

        return document.WithSyntaxRoot(root.ReplaceNode(_place, InPlace(Observation.Observe(Bare, generator, _known))));
    }

    public Document Await(Document document, SyntaxNode root, bool keepResult)
    {
        var function = EnclosingFunction.Of(_value)!;
        var configureAwaitFalse = AwaitInsertion.UsesConfigureAwaitFalse(root);
        if (_kept is not null)
        {
            var mark = new SyntaxAnnotation();
            var marked = Replace(function, _place, _place.WithAdditionalAnnotations(mark));
            var statement = marked.GetAnnotatedNodes(mark).Single();
            return document.WithSyntaxRoot(root.ReplaceNode(function, InsertAfter(marked, statement, AwaitInsertion.Await(SyntaxFactory.IdentifierName(_kept), _place, configureAwaitFalse).WithoutTrivia())));
        }

        var awaited = Awaited(configureAwaitFalse);
        var changed = keepResult && _place is LocalDeclarationStatementSyntax { Declaration: var declaration } && ResultType is { } result
            ? Replace(function, declaration, WithResult(declaration, awaited, result, SyntaxGenerator.GetGenerator(document)))
            : Replace(function, _place, InPlace(awaited));
        return document.WithSyntaxRoot(root.ReplaceNode(function, changed));
    }

    private SyntaxNode Replace(SyntaxNode function, SyntaxNode old, SyntaxNode replacement) =>
        AsyncFunction.Replace(function, new Dictionary<SyntaxNode, SyntaxNode> { [old] = replacement }, _model, _cancellationToken);

    private ExpressionSyntax Bare
    {
        get
        {
            var bare = _value;
            while (true)
            {
                switch (bare)
                {
                    case ParenthesizedExpressionSyntax parenthesized:
                        bare = parenthesized.Expression;
                        break;
                    case PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } suppressed:
                        bare = suppressed.Operand;
                        break;
                    default:
                        return bare;
                }
            }
        }
    }

    private bool IsConfigured => StripConditional(Bare) is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait" } };

    private ITypeSymbol? ResultType => Bare is ConditionalAccessExpressionSyntax ? null : _model.GetTypeInfo(Bare, _cancellationToken).Type switch
    {
        { } type when type.IsTaskOrValueTask(_known) => type.TaskResult(_known),
        INamedTypeSymbol { IsGenericType: true, ContainingNamespace.Name: "CompilerServices" } configured => configured.TypeArguments[0],
        _ => null,
    };

    // Nothing is declared as a result that can't be named or can't live across an await.
    private bool CanHoldResult => _place is not LocalDeclarationStatementSyntax || ResultType is not { IsAnonymousType: true } || IsVar((LocalDeclarationStatementSyntax)_place);

    private static bool IsVar(LocalDeclarationStatementSyntax statement) => statement.Declaration.Type.IsVar;

    private ExpressionSyntax Awaited(bool configureAwaitFalse)
    {
        if (Bare is not ConditionalAccessExpressionSyntax access)
            return AwaitInsertion.Await(Bare, _value, configureAwaitFalse && !IsConfigured);

        // The ConfigureAwait comes behind the ??.
        var task = IsConfigured ? WithoutConfigureAwait(access) : access;
        var orCompleted = SyntaxFactory.ParenthesizedExpression(SyntaxFactory.BinaryExpression(SyntaxKind.CoalesceExpression, task.WithoutTrivia(), AlternativeToNull()!));
        return AwaitInsertion.Await(orCompleted, _value, configureAwaitFalse || IsConfigured);
    }

    // What to await where there is no task: Task.CompletedTask, or default(ValueTask).
    private ExpressionSyntax? AlternativeToNull()
    {
        var tail = StripConditional(Bare);
        if (tail is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Expression: var configured } })
            tail = configured;

        if (_model.GetSymbolInfo(tail, _cancellationToken).Symbol is not IMethodSymbol { ReturnType: var type })
            return null;

        if (type.IsValueTask(_known))
            return SyntaxFactory.LiteralExpression(SyntaxKind.DefaultLiteralExpression);

        var taskType = SyntaxFactory.ParseTypeName(_known.Task!.ToMinimalDisplayString(_model, _value.SpanStart));
        return SyntaxFactory.ParseExpression($"{taskType}.CompletedTask");
    }

    private static ExpressionSyntax WithoutConfigureAwait(ExpressionSyntax expression) => expression switch
    {
        ConditionalAccessExpressionSyntax access => access.WithWhenNotNull(WithoutConfigureAwait(access.WhenNotNull)),
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: var configured } } => configured,
        _ => expression,
    };

    private static ExpressionSyntax StripConditional(ExpressionSyntax expression)
    {
        while (expression is ConditionalAccessExpressionSyntax access)
            expression = access.WhenNotNull;

        return expression;
    }

    private SyntaxNode InPlace(ExpressionSyntax replacement) => _place is LocalDeclarationStatementSyntax statement
        ? SyntaxFactory.ExpressionStatement(replacement.WithoutTrivia(), statement.SemicolonToken).WithLeadingTrivia(statement.GetLeadingTrivia())
        : replacement.WithTriviaFrom(_place);

    private static VariableDeclarationSyntax WithResult(VariableDeclarationSyntax declaration, ExpressionSyntax awaited, ITypeSymbol result, SyntaxGenerator generator)
    {
        var initializer = declaration.Variables[0].Initializer!;
        var changed = declaration.ReplaceNode(initializer.Value, awaited.WithTriviaFrom(initializer.Value));
        return declaration.Type.IsVar
            ? changed
            : changed.WithType(((TypeSyntax)generator.ImportedType(result)).WithTriviaFrom(declaration.Type));
    }

    private static SyntaxNode InsertAfter(SyntaxNode root, SyntaxNode statement, ExpressionSyntax expression)
    {
        // A statement needs no parentheses, and without them there is nothing for the Simplifier to lay out anew.
        var added = SyntaxFactory.ExpressionStatement(expression is ParenthesizedExpressionSyntax parenthesized ? parenthesized.Expression : expression)
            .WithLeadingTrivia(statement.GetLeadingTrivia().Reverse().TakeWhile(static trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)))
            .WithTrailingTrivia(SyntaxFactory.CarriageReturnLineFeed);
        return statement.Parent is GlobalStatementSyntax global
            ? root.InsertNodesAfter(global, [SyntaxFactory.GlobalStatement(added)])
            : root.InsertNodesAfter(statement, [added]);
    }

    // A declaration without a value would be left with no use at all, which the compiler warns of.
    private static bool IsReplaceable(AssignmentExpressionSyntax assignment, SemanticModel model, CancellationToken cancellationToken)
    {
        if (assignment.Parent is not (ExpressionStatementSyntax or ArrowExpressionClauseSyntax or LambdaExpressionSyntax))
            return false;

        if (model.GetSymbolInfo(assignment.Left, cancellationToken).Symbol is not ILocalSymbol local)
            return true;

        return local.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellationToken) is VariableDeclaratorSyntax { Initializer: not null }
            || IsNamed(local, assignment.Parent, model, cancellationToken, except: assignment.Left);
    }

    private static bool IsNamed(ISymbol local, SyntaxNode place, SemanticModel model, CancellationToken cancellationToken, SyntaxNode? except = null) =>
        (EnclosingFunction.Of(place) ?? place).DescendantNodes().OfType<IdentifierNameSyntax>().Any(name =>
            name != except
            && name.Identifier.ValueText == local.Name
            && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol, local));

    // Of what has branches, one may be no task at all.
    private static bool MayBeNull(ExpressionSyntax value) => value switch
    {
        ParenthesizedExpressionSyntax parenthesized => MayBeNull(parenthesized.Expression),
        CastExpressionSyntax cast => MayBeNull(cast.Expression),
        ConditionalExpressionSyntax choice => IsOrMayBeNull(choice.WhenTrue) || IsOrMayBeNull(choice.WhenFalse),
        SwitchExpressionSyntax choice => choice.Arms.Any(static arm => IsOrMayBeNull(arm.Expression)),
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } coalesce => IsOrMayBeNull(coalesce.Right),
        _ => value.IsKind(SyntaxKind.NullLiteralExpression) || value.IsKind(SyntaxKind.DefaultLiteralExpression) || value is DefaultExpressionSyntax,
    };

    private static bool IsOrMayBeNull(ExpressionSyntax branch) => branch is ConditionalAccessExpressionSyntax || MayBeNull(branch);
}
