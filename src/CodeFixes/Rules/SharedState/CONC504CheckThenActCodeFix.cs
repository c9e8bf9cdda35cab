using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>Checks and acts in one call: GetOrAdd, TryAdd, AddOrUpdate; or copies the dictionary by its own ToArray.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC504CheckThenActCodeFix)), Shared]
public sealed class CONC504CheckThenActCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.CheckThenAct];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax place)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (Fix(place, model, context.CancellationToken) is not var (title, old, replacement))
            return;

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, title, RuleIds.CheckThenAct, _ => Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(old, replacement.WithTriviaFrom(old))))),
            context.Diagnostics);
    }

    private static (string Title, SyntaxNode Old, SyntaxNode New)? Fix(ExpressionSyntax place, SemanticModel model, CancellationToken cancellationToken)
    {
        switch (place)
        {
            case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: var source, Name.Identifier.ValueText: "ToList" or "OrderBy" or "OrderByDescending" or "Order" or "OrderDescending" or "Reverse" } }:
                return ("Copy it by its own 'ToArray' first", source, Call(source, "ToArray"));
            case PostfixUnaryExpressionSyntax or PrefixUnaryExpressionSyntax or AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.AddAssignmentExpression } when place.Parent is ExpressionStatementSyntax:
                return UpdateOf(place, model, cancellationToken);
            case AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Left: var written, Right: BinaryExpressionSyntax sum } when place.Parent is ExpressionStatementSyntax && SyntaxFactory.AreEquivalent(written, sum.Left):
                return sum.IsKind(SyntaxKind.AddExpression) ? UpdateOf(place, model, cancellationToken) : null;
            case AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Left: ElementAccessExpressionSyntax { ArgumentList.Arguments: [{ Expression: var key }] } element } assignment:
                return Addition(assignment, element.Expression, key, model, cancellationToken);
            default:
                return null;
        }
    }

    // d[k]++, d[k] = d[k] + 1  →  d.AddOrUpdate(k, 1, (_, value) => value + 1)
    private static (string, SyntaxNode, SyntaxNode)? UpdateOf(ExpressionSyntax update, SemanticModel model, CancellationToken cancellationToken)
    {
        var (target, step, isDown) = update switch
        {
            PostfixUnaryExpressionSyntax postfix => (postfix.Operand, One(), postfix.IsKind(SyntaxKind.PostDecrementExpression)),
            PrefixUnaryExpressionSyntax prefix => (prefix.Operand, One(), prefix.IsKind(SyntaxKind.PreDecrementExpression)),
            AssignmentExpressionSyntax { Left: var left, Right: BinaryExpressionSyntax { Right: var added } } when update.IsKind(SyntaxKind.SimpleAssignmentExpression) => (left, added, false),
            AssignmentExpressionSyntax assignment => (assignment.Left, assignment.Right, false),
            _ => (update, update, false),
        };
        if (target is not ElementAccessExpressionSyntax { ArgumentList.Arguments: [{ Expression: var key }], Expression: var dictionary }
            || model.GetTypeInfo(target, cancellationToken).Type is not { SpecialType: SpecialType.System_Int32 or SpecialType.System_Int64 } type
            || !IsSimple(step) || (isDown && step is not LiteralExpressionSyntax)
            || (step is not LiteralExpressionSyntax && !SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(step, cancellationToken).Type, type)))
        {
            return null;
        }

        var value = FreshName.In(update, model, "value", "current");
        var first = isDown ? SyntaxFactory.ParseExpression("-1") : step.WithoutTrivia();
        var next = SyntaxFactory.ParseExpression($"(_, {value}) => {value} {(isDown ? "-" : "+")} {step.WithoutTrivia()}");
        return ("Use AddOrUpdate, which begins with it where the key is missing", update, Call(dictionary, "AddOrUpdate", key, first, next));

        static ExpressionSyntax One() => SyntaxFactory.ParseExpression("1");
    }

    private static (string, SyntaxNode, SyntaxNode)? Addition(AssignmentExpressionSyntax assignment, ExpressionSyntax dictionary, ExpressionSyntax key, SemanticModel model, CancellationToken cancellationToken)
    {
        if (assignment.Parent is not ExpressionStatementSyntax statement
            || (statement.Parent is BlockSyntax block ? block.Parent : statement.Parent) is not IfStatementSyntax { Else: null, Condition: PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression, Operand: InvocationExpressionSyntax check } } choice
            || choice.DescendantTrivia().Any(trivia => StatementList.IsComment(trivia) && choice.Span.Contains(trivia.Span))
            || !IsSimple(key))
        {
            return null;
        }

        var method = (check.Expression as MemberAccessExpressionSyntax)?.Name.Identifier.ValueText;
        var statements = statement.Parent is BlockSyntax { Statements: var list } ? list : [statement];
        var argument = SyntaxFactory.Identifier("_");
        if (method == "ContainsKey" && statements.Count == 1)
        {
            if (Refuses(assignment.Right, model, cancellationToken))
                return null;

            return IsSimple(assignment.Right)
                ? ("Use TryAdd", choice, Statement(Call(dictionary, "TryAdd", key, assignment.Right)))
                : ("Use GetOrAdd", choice, Statement(Call(dictionary, "GetOrAdd", key, Factory(argument, assignment.Right))));
        }

        // if (!d.TryGetValue(k, out var v)) { v = Make(); d[k] = v; }  →  var v = d.GetOrAdd(k, _ => Make());
        if (method == "TryGetValue" && check.ArgumentList.Arguments is [_, { Expression: var output }] && ValueOf(statements, assignment, output) is { } made && !Refuses(made, model, cancellationToken))
        {
            var call = Call(dictionary, "GetOrAdd", key, Factory(argument, made));
            switch (output)
            {
                case DeclarationExpressionSyntax { Type: var type, Designation: SingleVariableDesignationSyntax { Identifier: var name } } when choice.Parent is BlockSyntax:
                    var declared = SyntaxFactory.ParseStatement($"{type.WithoutTrivia()} {name.ValueText} = {call};");
                    return ("Use GetOrAdd", choice, declared);
                case IdentifierNameSyntax variable:
                    return ("Use GetOrAdd", choice, Statement(SyntaxFactory.ParseExpression($"{variable.Identifier.ValueText} = {call}")));
            }
        }

        return null;
    }

    // `v = X; d[k] = v;` or `d[k] = v = X;`
    private static ExpressionSyntax? ValueOf(SyntaxList<StatementSyntax> statements, AssignmentExpressionSyntax assignment, ExpressionSyntax output)
    {
        var name = output switch
        {
            DeclarationExpressionSyntax { Designation: SingleVariableDesignationSyntax designation } => designation.Identifier.ValueText,
            IdentifierNameSyntax identifier => identifier.Identifier.ValueText,
            _ => null,
        };
        if (name is null)
            return null;

        return (statements.Count, assignment.Right) switch
        {
            (2, IdentifierNameSyntax { Identifier.ValueText: var stored }) when stored == name
                && statements[0] is ExpressionStatementSyntax { Expression: AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Left: IdentifierNameSyntax { Identifier.ValueText: var made }, Right: var value } } && made == name => value,
            (1, AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Left: IdentifierNameSyntax { Identifier.ValueText: var made }, Right: var value }) when made == name => value,
            _ => null,
        };
    }

    // What can't stand in a lambda, or would mean something else there.
    private static bool Refuses(ExpressionSyntax value, SemanticModel model, CancellationToken cancellationToken) =>
        value.DescendantNodesAndSelf().Any(node =>
            node is AwaitExpressionSyntax or AssignmentExpressionSyntax or DeclarationExpressionSyntax or ThrowExpressionSyntax or RefExpressionSyntax or IdentifierNameSyntax { Identifier.ValueText: "_" }
            || node is IdentifierNameSyntax && model.GetSymbolInfo(node, cancellationToken).Symbol is IParameterSymbol { RefKind: not RefKind.None } or ILocalSymbol { IsRef: true } or ILocalSymbol { Type.IsRefLikeType: true })
        || model.GetTypeInfo(value, cancellationToken).Type is null;

    private static bool IsSimple(ExpressionSyntax expression) => expression switch
    {
        LiteralExpressionSyntax or IdentifierNameSyntax or ThisExpressionSyntax => true,
        MemberAccessExpressionSyntax member => IsSimple(member.Expression),
        PrefixUnaryExpressionSyntax { Operand: LiteralExpressionSyntax } => true,
        _ => false,
    };

    private static SimpleLambdaExpressionSyntax Factory(SyntaxToken parameter, ExpressionSyntax value) =>
        SyntaxFactory.SimpleLambdaExpression(SyntaxFactory.Parameter(parameter), null, value.WithoutTrivia())
            .WithArrowToken(SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.EqualsGreaterThanToken, [SyntaxFactory.Space]));

    private static ExpressionStatementSyntax Statement(ExpressionSyntax expression) => SyntaxFactory.ExpressionStatement(expression);

    private static InvocationExpressionSyntax Call(ExpressionSyntax receiver, string method, params ExpressionSyntax[] arguments) => SyntaxFactory.InvocationExpression(
        SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, receiver.WithoutTrivia(), SyntaxFactory.IdentifierName(method)),
        SyntaxFactory.ArgumentList(SyntaxFactory.SeparatedList(
            arguments.Select(static argument => SyntaxFactory.Argument(argument.WithoutTrivia())),
            Enumerable.Repeat(SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space]), Math.Max(0, arguments.Length - 1)))));
}
