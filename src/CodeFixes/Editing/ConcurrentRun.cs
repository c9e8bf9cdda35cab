using ConcurrencyAnalyzers.Options;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>A call that runs a function for each element of a sequence, several at once, as the Gather that does the same.</summary>
internal sealed class ConcurrentRun(Document document, SyntaxNode root, SemanticModel model, CancellationToken cancellationToken)
{
    private readonly KnownSymbols _known = KnownSymbols.Of(model.Compilation);
    private readonly SyntaxGenerator _generator = SyntaxGenerator.GetGenerator(document);

    /// <summary>The root with the Gather in the call's place, annotated; null where nothing says that it does the same.</summary>
    public SyntaxNode? AsGather(LambdaExpressionSyntax function, SyntaxAnnotation mark)
    {
        if (_known.Gather is not { } gather
            || function.Parent is not ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call }
            || model.GetSymbolInfo(call, cancellationToken).Symbol is not IMethodSymbol method)
        {
            return null;
        }

        var type = method.ContainingType;
        return method.Name switch
        {
            "AllAsync" when Is(type, gather) => root.ReplaceNode(call, call.WithAdditionalAnnotations(mark)),
            "ForEachAsync" when Is(type, _known.Parallel) => OfParallel(call, function, gather) is { } gathered ? root.ReplaceNode(call, gathered.WithAdditionalAnnotations(mark).WithTriviaFrom(call)) : null,
            "ForEach" when Is(type, _known.Parallel) => OfBlockingLoop(call, function, gather, mark),
            "Select" => OfSelection(call, function, gather, mark),
            _ => null,
        };
    }

    private InvocationExpressionSyntax? OfParallel(InvocationExpressionSyntax call, LambdaExpressionSyntax function, INamedTypeSymbol gather)
    {
        var arguments = call.ArgumentList.Arguments;
        if (arguments.Count is not (2 or 3) || arguments.Any(static argument => argument.NameColon is not null) || arguments[arguments.Count - 1].Expression != function
            || Settings(arguments.Count == 3 ? arguments[1].Expression : null) is not var (limit, token))
        {
            return null;
        }

        // Gather starts the work on the caller's thread: what never awaits gets a thread of its own.
        var awaits = function.AsyncKeyword != default && EnclosingFunction.OwnNodes(function).Any(static node => node is AwaitExpressionSyntax or ForEachStatementSyntax { AwaitKeyword.RawKind: not 0 });
        return (awaits ? function : OnPool(function)) is { } work
            ? GatherCall.All(_generator, gather, arguments[0].Expression, limit, work, token ?? TokenAt(call))
            : null;
    }

    // Parallel.ForEach(xs, x => …); where its function is async: it is awaited from now on.
    private SyntaxNode? OfBlockingLoop(InvocationExpressionSyntax call, LambdaExpressionSyntax function, INamedTypeSymbol gather, SyntaxAnnotation mark)
    {
        // With its state, the function could stop the loop.
        if (function is ParenthesizedLambdaExpressionSyntax { ParameterList.Parameters.Count: not 1 }
            || call.Parent is not ExpressionStatementSyntax statement || EnclosingFunction.Of(statement) is not { } around || !EnclosingFunction.IsAsync(around)
            || !AwaitPlacement.IsAllowedIn(around, statement, model, cancellationToken)
            || OfParallel(call, function, gather) is not { } gathered)
        {
            return null;
        }

        return root.ReplaceNode(call, AwaitInsertion.Await(gathered.WithAdditionalAnnotations(mark), call, AwaitInsertion.UsesConfigureAwaitFalse(root)));
    }

    // await Task.WhenAll(xs.Select(async x => …));
    private SyntaxNode? OfSelection(InvocationExpressionSyntax call, LambdaExpressionSyntax function, INamedTypeSymbol gather, SyntaxAnnotation mark)
    {
        var whenAll = EnclosingFunction.Of(call) is { } around
            ? EnclosingFunction.OwnNodes(around).OfType<InvocationExpressionSyntax>().Where(static one => one.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "WhenAll" } or IdentifierNameSyntax { Identifier.ValueText: "WhenAll" })
            : [];
        var replacement = whenAll.Select(one => FanOutReplacement.Find(one, model, cancellationToken)).FirstOrDefault(found => found?.Work.Runs(function) == true);
        if (replacement is null || replacement.UsesResults)
            return null;

        var limit = ConcurrencyOptions.DefaultMaxConcurrency.In(document.Project.AnalyzerOptions.AnalyzerConfigOptionsProvider.GetOptions(root.SyntaxTree));
        var gathered = GatherCall.All(_generator, gather, replacement.Work.Source, limit, replacement.Work.ForGather(_generator, cancellationToken), TokenAt(replacement.Place));
        return replacement.Apply(root, document, gathered.WithAdditionalAnnotations(mark));
    }

    // x => Task.Run(() => …)
    private LambdaExpressionSyntax? OnPool(LambdaExpressionSyntax function)
    {
        var parameter = function switch
        {
            SimpleLambdaExpressionSyntax simple => simple.Parameter,
            ParenthesizedLambdaExpressionSyntax { ParameterList.Parameters: [{ Type: null } first, ..] } => first,
            _ => null,
        };
        if (parameter is null || _known.Task is not { } task)
            return null;

        var given = function is ParenthesizedLambdaExpressionSyntax { ParameterList.Parameters: [_, { Identifier.ValueText: not "_" } second] } ? second.Identifier.Text : null;
        var token = given ?? FreshName.In(function, model, "ct", "token", "cancellation");
        var run = (ExpressionSyntax)_generator.MemberAccessExpression(_generator.ImportedType(task), "Run");
        var code = SyntaxFactory.ParenthesizedLambdaExpression(
            [], default, null, SyntaxFactory.ParameterList(), function.ArrowToken.WithLeadingTrivia(SyntaxFactory.Space), function.Block?.WithoutTrailingTrivia(), function.ExpressionBody?.WithoutTrailingTrivia());
        var arguments = SyntaxFactory.SeparatedList(
            [SyntaxFactory.Argument(code), SyntaxFactory.Argument(SyntaxFactory.IdentifierName(token))],
            [SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space])]);
        return FannedOutBody.Lambda(parameter.Identifier.Text, token, null, SyntaxFactory.InvocationExpression(run, SyntaxFactory.ArgumentList(arguments)));
    }

    /// <summary>How many at once, and until when, as Parallel is told; null where it is told more, or something that Gather refuses.</summary>
    private (ExpressionSyntax Limit, string? Token)? Settings(ExpressionSyntax? given)
    {
        // What Parallel takes where it is told nothing.
        var limit = _known.Environment is { } environment ? _generator.ImportedMember(environment, "ProcessorCount") : null;
        string? token = null;
        switch (given)
        {
            case null:
                break;
            case var _ when Is(model.GetTypeInfo(given, cancellationToken).Type, _known.CancellationToken):
                token = given.ToString();
                break;
            case BaseObjectCreationExpressionSyntax { ArgumentList: null or { Arguments.Count: 0 } } creation when Is(model.GetTypeInfo(given, cancellationToken).Type, _known.ParallelOptions):
                foreach (var setting in creation.Initializer?.Expressions ?? [])
                {
                    switch (setting)
                    {
                        case AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: "MaxDegreeOfParallelism" }, Right: var value }:
                            limit = IsPositive(value) ? value : null;
                            break;
                        case AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: "CancellationToken" }, Right: var value }:
                            token = value.ToString();
                            break;
                        default:
                            return null;
                    }
                }

                break;
            default:
                return null;
        }

        return limit is null ? null : (limit, token);
    }

    // Parallel takes -1 for no limit.
    private bool IsPositive(ExpressionSyntax limit) => model.GetConstantValue(limit, cancellationToken) is { HasValue: true, Value: var constant }
        ? constant is > 0
        : limit switch
        {
            ParenthesizedExpressionSyntax parenthesized => IsPositive(parenthesized.Expression),
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.MultiplyExpression or (int)SyntaxKind.AddExpression } both => IsPositive(both.Left) && IsPositive(both.Right),
            _ => model.GetSymbolInfo(limit, cancellationToken).Symbol is IPropertySymbol { Name: "ProcessorCount" } count && Is(count.ContainingType, _known.Environment),
        };

    private string? TokenAt(SyntaxNode place) => TokenScope.TokenAt(place, model, cancellationToken);

    private static bool Is(ITypeSymbol? type, INamedTypeSymbol? expected) => expected is not null && SymbolEqualityComparer.Default.Equals(type, expected);
}
