using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>
/// <c>async void</c> → <c>async Task</c> for local functions and methods of which every caller is in the solution, and awaits it; a lambda is
/// given to the method's async sibling, which takes a delegate that returns a task.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC303AsyncVoidCodeFix)), Shared]
public sealed class CONC303AsyncVoidCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.AsyncVoid;

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.AsyncVoid];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;

        switch (root.FindToken(context.Span.Start).Parent)
        {
            case MethodDeclarationSyntax or LocalFunctionStatementSyntax:
                var declaration = root.FindToken(context.Span.Start).Parent!;
                if (model.GetDeclaredSymbol(declaration, cancellationToken) is IMethodSymbol { IsOverride: false, IsVirtual: false } method
                    && !VoidContracts.Implements(method)
                    && await AsyncPropagation.MakeAsync(document, declaration, null, null, cancellationToken).ConfigureAwait(false) is { } changed)
                    context.RegisterCodeFix(new RuleCodeAction(document.Project.Solution, "Return a Task, and await it in the callers", Key, _ => Task.FromResult(changed)), context.Diagnostics);
                break;
            case AnonymousFunctionExpressionSyntax { Parent: ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Parent: ExpressionStatementSyntax } call } } lambda
                when AwaitPlacement.CanAwait(call, model, cancellationToken) && EnclosingFunction.IsAsync(EnclosingFunction.Of(call)!) && Sibling(call, lambda, model, cancellationToken) is { } sibling:
                var awaited = AwaitInsertion.Await(sibling, call, AwaitInsertion.UsesConfigureAwaitFalse(root));
                context.RegisterCodeFix(
                    RuleCodeAction.Create(document, "Call the method that waits for the delegate's task", Key, _ => Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(call, awaited)))),
                    context.Diagnostics);
                break;
        }
    }

    // x.Invoke(async () => …) → x.InvokeAsync(async () => …), where that binds and its delegate returns a task.
    private static InvocationExpressionSyntax? Sibling(InvocationExpressionSyntax call, AnonymousFunctionExpressionSyntax lambda, SemanticModel model, CancellationToken cancellationToken)
    {
        var known = KnownSymbols.Of(model.Compilation);
        var sibling = call.Expression switch
        {
            MemberAccessExpressionSyntax { Name: IdentifierNameSyntax name } member => call.WithExpression(member.WithName(Async(name))),
            IdentifierNameSyntax name => call.WithExpression(Async(name)),
            _ => null,
        };
        if (sibling is null
            || model.GetSymbolInfo(call, cancellationToken).Symbol is not IMethodSymbol { ReturnsVoid: true }
            || model.GetSpeculativeSymbolInfo(call.SpanStart, sibling, SpeculativeBindingOption.BindAsExpression).Symbol is not IMethodSymbol method
            || !method.ReturnType.IsTaskOrValueTask(known))
        {
            return null;
        }

        var index = call.ArgumentList.Arguments.IndexOf((ArgumentSyntax)lambda.Parent!);
        return index < method.Parameters.Length
            && method.Parameters[index].Type is INamedTypeSymbol { DelegateInvokeMethod.ReturnType: var result }
            && result.IsTaskOrValueTask(known)
                ? sibling
                : null;

        static IdentifierNameSyntax Async(IdentifierNameSyntax name) =>
            SyntaxFactory.IdentifierName(name.Identifier.ValueText + "Async").WithTriviaFrom(name);
    }
}
