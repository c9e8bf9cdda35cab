using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>Releases the lock in a finally, or takes it before the try whose finally releases it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC503UnreleasedLockCodeFix)), Shared]
public sealed class CONC503UnreleasedLockCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UnreleasedLock];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax call
            || call.FirstAncestorOrSelf<StatementSyntax>() is not { Parent: BlockSyntax block } statement
            || block.ContainsDirectives)
        {
            return;
        }

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (TakenBeforeTry(call, statement, block) is { } moved)
        {
            Register("Take it before the 'try'", moved);
            return;
        }

        if (ReleaseInFinally.Find(call, statement, block, model, document, context.CancellationToken) is { } guarded)
            Register("Release it in a 'finally'", guarded);

        void Register(string title, (SyntaxNode Old, SyntaxNode New) edit) => context.RegisterCodeFix(
            RuleCodeAction.Create(document, title, RuleIds.UnreleasedLock, _ => Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(edit.Old, edit.New)))),
            context.Diagnostics);
    }

    // Where the try has a catch, what it caught of the waiting would go past it.
    private static (SyntaxNode Old, SyntaxNode New)? TakenBeforeTry(InvocationExpressionSyntax call, StatementSyntax statement, BlockSyntax block)
    {
        if (block.Parent is not TryStatementSyntax { Catches.Count: 0, Finally.Block: { } last, Parent: BlockSyntax outer } attempt
            || block.Statements[0] != statement
            || !last.Statements.Any(one => ReleaseInFinally.IsRelease(one, ReleaseInFinally.Lock(call)))
            || !IsTaking(statement))
        {
            return null;
        }

        var indentation = Indentation.Of(attempt);
        var leading = attempt.GetLeadingTrivia();
        foreach (var comment in statement.GetLeadingTrivia().Where(StatementList.IsComment))
            leading = leading.AddRange([comment, SyntaxFactory.EndOfLine("\n"), SyntaxFactory.Whitespace(indentation)]);

        var taking = Indentation.Shift(statement, Indentation.Of(statement), indentation).WithLeadingTrivia(leading);
        var rest = block.Statements.RemoveAt(0);
        if (rest.Count > 0)
            rest = rest.Replace(rest[0], rest[0].WithLeadingTrivia(ReleaseInFinally.WithoutBlankLine(rest[0].GetLeadingTrivia())));

        var narrowed = attempt.WithBlock(block.WithStatements(rest)).WithLeadingTrivia(SyntaxFactory.Whitespace(indentation));
        var index = outer.Statements.IndexOf(attempt);
        return (outer, outer.WithStatements(outer.Statements.RemoveAt(index).InsertRange(index, [taking, narrowed])));
    }

    // `await x.WaitAsync(token);`, or `if (!await x.WaitAsync(timeout)) return;`, which leaves the try either way.
    private static bool IsTaking(StatementSyntax statement) => statement switch
    {
        ExpressionStatementSyntax => true,
        IfStatementSyntax { Else: null, Condition: PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression }, Statement: var branch } => (branch is BlockSyntax { Statements: [.., var leaving] } ? leaving : branch) is ReturnStatementSyntax or ThrowStatementSyntax or ContinueStatementSyntax or BreakStatementSyntax,
        _ => false,
    };
}
