using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>
/// <c>Task.Factory.StartNew(async () => …)</c> → <c>Task.Run(async () => …)</c>; where its options, its state or its
/// scheduler matter, and for ContinueWith, <c>.Unwrap()</c>. A dropped continuation is observed as well.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC306NestedTaskCodeFix)), Shared]
public sealed class CONC306NestedTaskCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.NestedTask;
    private const string UnwrapKey = Key + ".Unwrap";

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.NestedTask];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax } syntax
            || model?.GetOperation(syntax, cancellationToken) is not IInvocationOperation call)
        {
            return;
        }

        var known = KnownSymbols.Of(model.Compilation);
        var generator = SyntaxGenerator.GetGenerator(document);
        if (call.Type.TaskResult(known) is not { } inner || !inner.IsTask(known))
            return;

        var key = Key;
        if (AsRun(call, syntax, generator, known) is { } run)
            await RegisterAsync("Replace with 'Task.Run', which waits for the work and runs it on the thread pool", run).ConfigureAwait(false);

        if (NestedTasks.IsDropped(call))
        {
            // Nobody waits for it anyway: to unwrap it alone would change nothing.
            if (syntax.Parent is ExpressionStatementSyntax && Observation.IsAvailable(model, syntax.SpanStart, known))
                await RegisterAsync("Unwrap the task, and observe its exceptions", Unwrap(syntax), isObserved: true).ConfigureAwait(false);
            return;
        }

        await RegisterAsync("Unwrap the task, which then stands for the work", Unwrap(syntax)).ConfigureAwait(false);

        async Task RegisterAsync(string title, ExpressionSyntax replacement, bool isObserved = false)
        {
            var mark = new SyntaxAnnotation();
            replacement = replacement.WithTriviaFrom(syntax).WithAdditionalAnnotations(mark);
            if (await EditProof.ApplyAsync(document, model, root.ReplaceNode(syntax, replacement), mark, inner, syntax, cancellationToken).ConfigureAwait(false) is not { } changed)
                return;

            if (isObserved)
                changed = document.WithSyntaxRoot(root.ReplaceNode(syntax, Observation.Observe(replacement, generator, known)));
            context.RegisterCodeFix(RuleCodeAction.Create(document, title, key, _ => Task.FromResult(changed)), context.Diagnostics);
            key = UnwrapKey;
        }
    }

    // On the default scheduler, without state; what an async delegate has of its creation options ends at its first await.
    private static InvocationExpressionSyntax? AsRun(IInvocationOperation call, InvocationExpressionSyntax syntax, SyntaxGenerator generator, KnownSymbols known)
    {
        if (call is not { TargetMethod: { Name: "StartNew", ContainingType.IsGenericType: false }, Instance: IPropertyReferenceOperation { Property: { Name: "Factory", IsStatic: true } factory } }
            || !SymbolEqualityComparer.Default.Equals(factory.ContainingType, known.Task))
        {
            return null;
        }

        ArgumentSyntax? work = null, token = null;
        foreach (var argument in call.Arguments)
        {
            switch (argument.Parameter?.Type)
            {
                case INamedTypeSymbol { DelegateInvokeMethod.Parameters.IsEmpty: true }:
                    work = argument.Syntax as ArgumentSyntax;
                    break;
                case var type when SymbolEqualityComparer.Default.Equals(type, known.CancellationToken):
                    token = argument.Syntax as ArgumentSyntax;
                    break;
                case { Name: nameof(TaskCreationOptions) } when argument.Value.ConstantValue is { HasValue: true, Value: int options } && !((TaskCreationOptions)options).HasFlag(TaskCreationOptions.AttachedToParent):
                case { Name: nameof(TaskScheduler) } when argument.Value is IPropertyReferenceOperation { Property: { Name: "Default", IsStatic: true } }:
                    break;
                default:
                    return null;
            }
        }

        if (work is null)
            return null;

        List<ArgumentSyntax> arguments = [work.WithNameColon(null)];
        if (token is not null && !IsNone(token.Expression))
            arguments.Add(token.WithNameColon(null).WithoutTrivia());
        var separators = Enumerable.Repeat(SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space), arguments.Count - 1);
        return syntax
            .WithExpression(Run().WithTriviaFrom(syntax.Expression))
            .WithArgumentList(syntax.ArgumentList.WithArguments(SyntaxFactory.SeparatedList(arguments, separators)));

        // As the code names Task already, if it does.
        ExpressionSyntax Run() => syntax.Expression is MemberAccessExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Factory", Expression: var task } }
            ? SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, task, SyntaxFactory.IdentifierName("Run"))
            : generator.ImportedMember(known.Task!, "Run");
    }

    private static bool IsNone(ExpressionSyntax token) =>
        token is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "None" } or DefaultExpressionSyntax || token.IsKind(SyntaxKind.DefaultLiteralExpression);

    private static InvocationExpressionSyntax Unwrap(InvocationExpressionSyntax call) => SyntaxFactory.InvocationExpression(
        SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, call.WithoutTrivia(), SyntaxFactory.IdentifierName("Unwrap")));
}
