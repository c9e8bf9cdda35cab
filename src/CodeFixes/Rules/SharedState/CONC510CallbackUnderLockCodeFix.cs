using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>Moves the last statement of a lock behind it, where it uses nothing that the lock protects.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC510CallbackUnderLockCodeFix)), Shared]
public sealed class CONC510CallbackUnderLockCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.CallbackUnderLock];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true).FirstAncestorOrSelf<ExpressionStatementSyntax>() is not
            {
                Parent: BlockSyntax { Statements.Count: > 1, Parent: LockStatementSyntax { Parent: BlockSyntax outer } locked } body,
                ContainsDirectives: false,
            } statement
            || body.Statements.Last() != statement || body.CloseBraceToken.ContainsDirectives)
        {
            return;
        }

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (!IsIndependent(statement, body, model, context.CancellationToken))
            return;

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, "Do it after the lock", RuleIds.CallbackUnderLock, _ => Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(outer, Moved(outer, locked, body, statement))))),
            context.Diagnostics);
    }

    private static BlockSyntax Moved(BlockSyntax outer, LockStatementSyntax locked, BlockSyntax body, ExpressionStatementSyntax statement)
    {
        var moved = Indentation.Shift(statement, Indentation.Of(statement), Indentation.Of(locked));
        var rest = locked.WithStatement(body.WithStatements(body.Statements.Remove(statement)));
        return outer.WithStatements(outer.Statements.ReplaceRange(locked, [rest, moved]));
    }

    // Parameters, locals from before the lock, `this`, and what never changes: they are the same after the lock.
    private static bool IsIndependent(ExpressionStatementSyntax statement, BlockSyntax body, SemanticModel model, CancellationToken cancellationToken)
    {
        foreach (var node in statement.DescendantNodes())
        {
            if (node is AnonymousFunctionExpressionSyntax or AssignmentExpressionSyntax or AwaitExpressionSyntax or DeclarationExpressionSyntax)
                return false;

            if (node is not SimpleNameSyntax name)
                continue;

            var isSame = model.GetSymbolInfo(name, cancellationToken).Symbol switch
            {
                ILocalSymbol local => !local.Locations.Any(place => body.Span.Contains(place.SourceSpan)),
                IParameterSymbol parameter => parameter.RefKind == RefKind.None,
                IFieldSymbol field => field.IsReadOnly || field.IsConst,
                IEventSymbol or ITypeSymbol or INamespaceSymbol => true,
                IMethodSymbol method => method.MethodKind is MethodKind.DelegateInvoke or MethodKind.Constructor || Semantics.CompletionSources.IsCompletion(method.Name),
                _ => false,
            };
            if (!isSame)
                return false;
        }

        return true;
    }
}
