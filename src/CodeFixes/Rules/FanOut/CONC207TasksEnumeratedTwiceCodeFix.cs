using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary><c>var tasks = xs.Select(F);</c> → <c>var tasks = xs.Select(F).ToArray();</c></summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC207TasksEnumeratedTwiceCodeFix)), Shared]
public sealed class CONC207TasksEnumeratedTwiceCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.TasksEnumeratedTwice];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not { } reported || model is null
            || model.GetSymbolInfo(reported, cancellationToken).Symbol is not ILocalSymbol { Type: INamedTypeSymbol { TypeArguments: [var element] } type, DeclaringSyntaxReferences: [var declaration] }
            || await declaration.GetSyntaxAsync(cancellationToken).ConfigureAwait(false) is not VariableDeclaratorSyntax { Initializer.Value: var value, Parent: VariableDeclarationSyntax { Type: var declared } })
        {
            return;
        }

        // A declared type other than var has to take an array.
        if (!declared.IsVar && type.Name is not ("IEnumerable" or "ICollection" or "IReadOnlyCollection"))
            return;

        var mark = new SyntaxAnnotation();
        var array = SyntaxFactory.InvocationExpression(
            SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, AwaitInsertion.Parenthesize(value.WithoutTrivia()), SyntaxFactory.IdentifierName("ToArray")))
            .WithTriviaFrom(value).WithAdditionalAnnotations(mark);
        var arrayType = model.Compilation.CreateArrayTypeSymbol(element);
        if (await EditProof.ApplyAsync(document, model, root.ReplaceNode(value, array), mark, arrayType, value, cancellationToken).ConfigureAwait(false) is { } changed)
            context.RegisterCodeFix(RuleCodeAction.Create(document, "Start the tasks once, and here, with 'ToArray'", RuleIds.TasksEnumeratedTwice, _ => Task.FromResult(changed)), context.Diagnostics);
    }
}
