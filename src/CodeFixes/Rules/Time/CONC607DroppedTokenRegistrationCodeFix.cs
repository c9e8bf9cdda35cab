using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.Time;

/// <summary><c>token.Register(…);</c> → <c>using var registration = token.Register(…);</c>, where the callback is of no use after the method.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC607DroppedTokenRegistrationCodeFix)), Shared]
public sealed class CONC607DroppedTokenRegistrationCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.DroppedTokenRegistration];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax call
            || UsingDeclaration.StatementFor(call) is not { } statement
            || EnclosingFunction.Of(call) is not { } function
            || !EnclosingFunction.IsAsync(function))
        {
            return;
        }

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (model.GetOperation(call, context.CancellationToken) is not IInvocationOperation operation || !EndsWithMethod(operation) || !AwaitsAfter(statement))
            return;

        StatementSyntax? replacement = statement switch
        {
            ExpressionStatementSyntax when UsingDeclaration.CanPrecede(statement, call) =>
                UsingDeclaration.Of(FreshName.In(statement.ScopeOf(), model, "registration", "cancellationRegistration"), call).WithTriviaFrom(statement),
            LocalDeclarationStatementSyntax declaration when UsingDeclaration.CanBecome(declaration) => UsingDeclaration.From(declaration),
            _ => null,
        };
        if (replacement is null)
            return;

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, "Dispose the registration when the method ends", RuleIds.DroppedTokenRegistration, _ => Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(statement, replacement)))),
            context.Diagnostics);
    }

    // The callback works on parameters, and on locals that don't leave the method; what it does to this object may be wanted later.
    private static bool EndsWithMethod(IInvocationOperation call)
    {
        foreach (var operation in call.Arguments.SelectMany(static argument => argument.Value.DescendantsAndSelf()))
        {
            switch (operation)
            {
                case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }:
                case IMethodReferenceOperation { Method: { IsStatic: false, MethodKind: MethodKind.LocalFunction } }:
                case IInvocationOperation { TargetMethod: { IsStatic: false, MethodKind: MethodKind.LocalFunction } }:
                    return false;
                case ILocalReferenceOperation { Local: var local } when AssignedValues.Single(local, AssignedValues.Root(call)) is { } value
                    && value is IObjectCreationOperation or IInvocationOperation && Escape.Of(value) == Reach.Leaves:
                    return false;
            }
        }

        return true;
    }

    private static bool AwaitsAfter(StatementSyntax statement) => statement.ListOf()
        .Where(other => other.SpanStart > statement.SpanStart)
        .Any(static other => other.DescendantNodes(static node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)).Any(static node => node is AwaitExpressionSyntax));
}
