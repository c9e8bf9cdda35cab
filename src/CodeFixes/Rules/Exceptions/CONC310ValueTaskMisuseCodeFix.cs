using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>
/// <c>var task = FAsync();</c> → <c>var task = FAsync().AsTask();</c>, where the local is consumed more than once;
/// <c>FAsync().Result</c> → <c>FAsync().AsTask().GetAwaiter().GetResult()</c>; a field keeps a Task.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC310ValueTaskMisuseCodeFix)), Shared]
public sealed class CONC310ValueTaskMisuseCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.ValueTaskMisuse];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var cancellationToken = context.CancellationToken;
        var root = await context.Document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not { } reported || model is null)
            return;

        var known = KnownSymbols.Of(model.Compilation);
        var access = model.GetOperation(reported, cancellationToken) switch
        {
            IPropertyReferenceOperation property => BlockingTaskAccess.Of(property, known),
            IInvocationOperation call => BlockingTaskAccess.Of(call, known),
            _ => null,
        };
        if (access is { Task.Syntax: ExpressionSyntax task })
        {
            var replaced = root.ReplaceNode(reported, Blocking((ExpressionSyntax)reported, task));
            Register("Block on the Task that AsTask gives", context.Document.WithSyntaxRoot(replaced));
        }
        else if (reported is ExpressionSyntax { Parent: AssignmentExpressionSyntax } stored)
        {
            if (await ValueTaskField.ToTaskAsync(context.Document, root, model, stored, cancellationToken).ConfigureAwait(false) is { } kept)
                Register("Keep a Task", kept);
        }
        else
        {
            var changed = model.GetSymbolInfo(reported, cancellationToken).Symbol switch
            {
                ILocalSymbol local => await FromTheStartAsync(context.Document, root, model, reported, local, cancellationToken).ConfigureAwait(false),
                IParameterSymbol parameter => await ValueTaskParameter.AsTaskAsync(context.Document, root, model, reported, parameter, cancellationToken).ConfigureAwait(false),
                _ => null,
            };
            if (changed is not null)
                Register("Call AsTask at the start", changed);
        }

        void Register(string title, Document changed) =>
            context.RegisterCodeFix(RuleCodeAction.Create(context.Document, title, RuleIds.ValueTaskMisuse, _ => Task.FromResult(changed)), context.Diagnostics);
    }

    // Task.Result would wrap the exception; GetResult throws what the ValueTask's Result throws.
    private static ExpressionSyntax Blocking(ExpressionSyntax access, ExpressionSyntax task)
    {
        if (access is MemberAccessExpressionSyntax or MemberBindingExpressionSyntax)
            return FormerValueTask.Call(FormerValueTask.Call(FormerValueTask.AsTask(task), "GetAwaiter"), "GetResult").WithTriviaFrom(access);

        return access.ReplaceNode(task, FormerValueTask.AsTask(task).WithTriviaFrom(task));
    }

    private static async Task<Document?> FromTheStartAsync(Document document, SyntaxNode root, SemanticModel model, SyntaxNode reported, ILocalSymbol local, CancellationToken cancellationToken)
    {
        var known = KnownSymbols.Of(model.Compilation);
        if (local.DeclaringSyntaxReferences is not [var reference]
            || await reference.GetSyntaxAsync(cancellationToken).ConfigureAwait(false) is not VariableDeclaratorSyntax { Initializer.Value: { } value, Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: LocalDeclarationStatementSyntax } declaration }
            || model.GetOperation(reported, cancellationToken) is not { } operation
            || AssignedValues.Of(local, AssignedValues.Root(operation)) is not [_])
        {
            return null;
        }

        var generator = SyntaxGenerator.GetGenerator(document);
        var type = FormerValueTask.TaskType(local.Type, known);
        var mark = new SyntaxAnnotation();
        var editor = new SyntaxEditor(root, document.Project.Solution.Services);
        editor.ReplaceNode(value, FormerValueTask.AsTask(value).WithTriviaFrom(value).WithAdditionalAnnotations(mark));
        if (!declaration.Type.IsVar)
            editor.ReplaceNode(declaration.Type, ((TypeSyntax)generator.ImportedType(type)).WithTriviaFrom(declaration.Type));

        foreach (var mention in VariableMentions.Of(local, operation))
        {
            if (mention is ILocalReferenceOperation { Syntax: ExpressionSyntax name })
                FormerValueTask.TryRewrite(editor, mention, name, local.Type);
        }

        return await EditProof.ApplyAsync(document, model, editor.GetChangedRoot(), mark, type, value, cancellationToken).ConfigureAwait(false);
    }
}
