using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// What a <see cref="TaskFanOut"/> does for each element, in pieces that fixes put together anew: the sequence, and
/// the function, as it stands or as the code of a loop's body or a query.
/// </summary>
internal sealed class FannedOutWork
{
    private readonly SemanticModel _model;
    private readonly ExpressionSyntax? _function;
    private readonly FannedOutBody? _body;
    private readonly SequentialBody? _turn;

    private FannedOutWork(SemanticModel model, ExpressionSyntax source, ExpressionSyntax function) =>
        (_model, Source, _function) = (model, source, function);

    private FannedOutWork(SemanticModel model, ExpressionSyntax source, FannedOutBody body) =>
        (_model, Source, _body) = (model, source, body);

    private FannedOutWork(SemanticModel model, ExpressionSyntax source, SequentialBody turn) =>
        (_model, Source, _turn) = (model, source, turn);

    public ExpressionSyntax Source { get; }

    /// <summary>How many elements there are.</summary>
    public SequenceBound Bound { get; private set; }

    private SyntaxNode Code => _function ?? _turn?.Code ?? _body!.Code;

    /// <summary>Whether it is this function that runs for each element.</summary>
    public bool Runs(ExpressionSyntax function) => _function == function;

    /// <summary>A function that some method runs for each element of the sequence.</summary>
    public static FannedOutWork OfFunction(ExpressionSyntax source, ExpressionSyntax function, SemanticModel model) => new(model, source, function);

    /// <summary>What a loop awaits in each turn.</summary>
    public static FannedOutWork OfTurn(ExpressionSyntax source, SequentialBody turn, SemanticModel model) => new(model, source, turn);

    /// <summary>The pieces; null where they can't be had.</summary>
    public static FannedOutWork? From(TaskFanOut fanOut, SemanticModel model, CancellationToken cancellationToken)
    {
        var work = PiecesOf(fanOut, model, cancellationToken);
        if (work is not null)
            work.Bound = fanOut.Bound;

        return work;
    }

    /// <summary>
    /// The function for Gather: it takes the token where that can be passed on to a call that has none, and stays as
    /// it was otherwise.
    /// </summary>
    public ExpressionSyntax ForGather(SyntaxGenerator generator, CancellationToken cancellationToken)
    {
        var (token, offers) = Offers(cancellationToken);
        if (_turn is not null)
            return _turn.ToLambda(offers.Count > 0 ? token : null, offers, isAsync: false);

        if (_body is not null)
            return _body.ToLambda(offers.Count > 0 ? token : null, offers);

        return offers.Count > 0 && _function is LambdaExpressionSyntax lambda
            ? WithToken(lambda, token, FannedOutBody.Rewrite(lambda.Body, offers), generator)
            : _function!;
    }

    /// <summary>The function for Parallel.ForEachAsync, which always has a token and is async; null where there is none.</summary>
    public ExpressionSyntax? ForParallel(SyntaxGenerator generator, bool configureAwaitFalse, CancellationToken cancellationToken)
    {
        var (free, offers) = Offers(cancellationToken);
        var token = offers.Count > 0 ? free : "_";
        switch (_function)
        {
            case null when _turn is not null:
                return _turn.ToLambda(token, offers, isAsync: true);
            case null when _body!.IsExpression:
                return Async((LambdaExpressionSyntax)_body.ToLambda(token, offers, task => Await(task, configureAwaitFalse)));
            case LambdaExpressionSyntax { AsyncKeyword.RawKind: (int)SyntaxKind.AsyncKeyword } lambda:
                return WithToken(lambda, token, FannedOutBody.Rewrite(lambda.Body, offers), generator);
            case LambdaExpressionSyntax { ExpressionBody: { } result } lambda:
                return Async(WithToken(lambda, token, Await(FannedOutBody.Rewrite(result, offers), configureAwaitFalse), generator));
            case IdentifierNameSyntax or MemberAccessExpressionSyntax when _model.GetSymbolInfo(_function, cancellationToken).Symbol is IMethodSymbol:
                var element = FreshName.In(_function, _model, FreshName.ForElementOf(Source), "item", "element");
                var call = SyntaxFactory.InvocationExpression(_function.WithoutTrivia(), SyntaxFactory.ArgumentList([SyntaxFactory.Argument(SyntaxFactory.IdentifierName(element))]));
                return Async(FannedOutBody.Lambda(element, "_", null, Await(call, configureAwaitFalse)));
            default:
                return null;
        }

        static LambdaExpressionSyntax Async(LambdaExpressionSyntax lambda) => lambda.AddModifiers(SyntaxFactory.Token(default, SyntaxKind.AsyncKeyword, [SyntaxFactory.Space]));

        static ExpressionSyntax Await(ExpressionSyntax task, bool configureAwaitFalse) => AwaitInsertion.Await(task, SyntaxFactory.ReturnStatement(task).Expression!, configureAwaitFalse).WithoutTrivia();
    }

    // A call through a delegate or to another method group has no place for a token.
    private (string Name, IReadOnlyDictionary<InvocationExpressionSyntax, ArgumentSyntax> Calls) Offers(CancellationToken cancellationToken)
    {
        var name = FreshName.In(Code, _model, "ct", "token", "cancellation");
        IEnumerable<SyntaxNode> code = _function switch
        {
            null when _turn is not null => [_turn.Code],
            null => _body!.Nodes,
            LambdaExpressionSyntax lambda => [lambda.Body],
            _ => [],
        };
        return (name, TokenForwarding.Offers(code, name, _model, cancellationToken));
    }

    private LambdaExpressionSyntax WithToken(LambdaExpressionSyntax lambda, string token, SyntaxNode body, SyntaxGenerator generator)
    {
        var comma = SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space]);
        var added = SyntaxFactory.Parameter(SyntaxFactory.Identifier(token));
        switch (lambda)
        {
            case SimpleLambdaExpressionSyntax simple:
                var list = SyntaxFactory.ParameterList(SyntaxFactory.SeparatedList([simple.Parameter.WithoutTrivia(), added], [comma])).WithTriviaFrom(simple.Parameter);
                return (LambdaExpressionSyntax)SyntaxFactory.ParenthesizedLambdaExpression(simple.AttributeLists, simple.Modifiers, null, list, simple.ArrowToken, null, null).WithBody((CSharpSyntaxNode)body);
            case ParenthesizedLambdaExpressionSyntax { ParameterList: var parameters } parenthesized:
                if (parameters.Parameters[0].Type is not null)
                    added = added.WithType(((TypeSyntax)generator.ImportedType(KnownSymbols.Of(_model.Compilation).CancellationToken!)).WithTrailingTrivia(SyntaxFactory.Space));

                return (LambdaExpressionSyntax)parenthesized.WithParameterList(parameters.WithParameters(SyntaxFactory.SeparatedList([parameters.Parameters[0], added], [comma]))).WithBody((CSharpSyntaxNode)body);
            default:
                return lambda;
        }
    }

    private static FannedOutWork? PiecesOf(TaskFanOut fanOut, SemanticModel model, CancellationToken cancellationToken)
    {
        switch (fanOut.Loop?.Syntax)
        {
            case null when fanOut.Syntax is QueryExpressionSyntax query:
                return FromQuery(query, model);
            case null:
                return FromProjection(fanOut, model, cancellationToken);
            case ForEachStatementSyntax loop when model.GetForEachStatementInfo(loop).ElementConversion.IsIdentity:
                return FannedOutBody.OfLoop(fanOut, loop.Statement, loop.CloseParenToken, loop.Identifier.Text) is { } body ? new(model, body.Filter.Applied(loop.Expression, body.Element), body) : null;
            case ForStatementSyntax loop:
                return IndexedLoop.Of(fanOut, loop, model, cancellationToken) is var (source, indexed) ? new(model, source, indexed) : null;
            default:
                return null;
        }
    }

    private static FannedOutWork? FromProjection(TaskFanOut fanOut, SemanticModel model, CancellationToken cancellationToken)
    {
        // A selector of two parameters gets the index as well; a parallel query's runs on several threads.
        if (fanOut.Start is not IInvocationOperation { TargetMethod: { Name: "Select" or "ConvertAll" } method, Syntax: InvocationExpressionSyntax call }
            || fanOut.Work.Type is not INamedTypeSymbol { DelegateInvokeMethod.Parameters.Length: 1 }
            || SymbolEqualityComparer.Default.Equals(method.ContainingType, KnownSymbols.Of(model.Compilation).ParallelLinq))
        {
            return null;
        }

        var receiver = call.Expression is MemberAccessExpressionSyntax member && model.GetSymbolInfo(member.Expression, cancellationToken).Symbol is not INamedTypeSymbol ? member.Expression : null;
        return (receiver, call.ArgumentList.Arguments) switch
        {
            ({ } source, [{ NameColon: null, Expression: var function }]) => new(model, source, function),
            (null, [{ NameColon: null, Expression: var source }, { NameColon: null, Expression: var function }]) when call.Expression is not MemberBindingExpressionSyntax => new(model, source, function),
            _ => null,
        };
    }

    // from x in xs where … select F(x): what clauses there are stay, and select the element itself.
    private static FannedOutWork? FromQuery(QueryExpressionSyntax query, SemanticModel model)
    {
        if (query.Body is not { Continuation: null, SelectOrGroup: SelectClauseSyntax select } body || !body.Clauses.All(static clause => clause is WhereClauseSyntax or OrderByClauseSyntax))
            return null;

        var element = query.FromClause.Identifier.Text;
        var source = body.Clauses.Count == 0 && query.FromClause.Type is null
            ? query.FromClause.Expression
            : query.ReplaceNode(select.Expression, SyntaxFactory.IdentifierName(element).WithTriviaFrom(select.Expression));
        return new(model, source, new FannedOutBody(element, [], select.Expression));
    }
}
