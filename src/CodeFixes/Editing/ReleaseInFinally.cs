namespace ConcurrencyAnalyzers.Editing;

/// <summary>Puts what runs while a lock is held into a try, and what releases the lock into its finally.</summary>
internal static class ReleaseInFinally
{
    /// <summary>The block before and after; null where the statements don't allow for it.</summary>
    public static (SyntaxNode Old, SyntaxNode New)? Find(InvocationExpressionSyntax call, StatementSyntax taking, BlockSyntax block, SemanticModel model, Document document, CancellationToken cancellationToken)
    {
        var held = taking is LocalDeclarationStatementSyntax { Declaration.Variables: [{ Identifier.ValueText: var lease }] } ? lease : Lock(call);
        if (held is null || taking is not (ExpressionStatementSyntax or LocalDeclarationStatementSyntax or IfStatementSyntax { Else: null }) || EnclosingFunction.Of(taking) is not { } function)
            return null;

        var releases = EnclosingFunction.OwnNodes(function).OfType<StatementSyntax>().Where(one => IsRelease(one, held)).ToList();
        var start = block.Statements.IndexOf(taking);
        if (releases is not [{ } release])
            return null;

        // Something stands between taking it and the try whose finally releases it.
        if (release.Parent is BlockSyntax { Parent: FinallyClauseSyntax { Parent: TryStatementSyntax { Catches.Count: 0 } attempt } })
            return attempt.Parent == block ? Widened(block, start, attempt) : null;

        if (release.Parent != block)
            return null;

        var end = block.Statements.IndexOf(release);
        if (end <= start + 1)
            return null;

        // A plain return behind the release may as well stand before it.
        var after = block.Statements.Skip(end + 1).ToList();
        var body = block.Statements.Skip(start + 1).Take(end - start - 1).ToList();
        if (after is [ReturnStatementSyntax { Expression: IdentifierNameSyntax or LiteralExpressionSyntax or null } returned])
        {
            body.Add(returned);
            after.Clear();
        }

        if (Split(body, after, model, document, cancellationToken) is not var (declarations, tried))
            return null;

        var indentation = Indentation.Of(taking);
        var unit = indentation.StartsWith(Indentation.Of(block), StringComparison.Ordinal) && Indentation.Of(block).Length < indentation.Length ? indentation.Substring(Indentation.Of(block).Length) : "    ";
        var first = body[0];
        var guarded = Guarded(tried, release, indentation, unit, StartsBlank(first.GetLeadingTrivia()) && declarations.Count == 0);
        return (block, block.WithStatements([.. block.Statements.Take(start + 1), .. declarations, guarded, .. after]));
    }

    /// <summary>The text of what the call takes: what stands before the method's name, or the first argument of a static one.</summary>
    public static string? Lock(InvocationExpressionSyntax call) => call switch
    {
        { Expression: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "Monitor" } }, ArgumentList.Arguments: [var target, ..] } => target.ToString(),
        { Expression: MemberAccessExpressionSyntax access } => access.Expression.ToString(),
        _ => null,
    };

    public static bool IsRelease(StatementSyntax statement, string? held) =>
        statement is ExpressionStatementSyntax { Expression: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Release" or "ReleaseMutex" or "Exit" or "ExitReadLock" or "ExitWriteLock" or "ExitUpgradeableReadLock" or "ReleaseReaderLock" or "ReleaseWriterLock" or "Dispose" } } call } && Lock(call) == held;

    public static SyntaxTriviaList WithoutBlankLine(SyntaxTriviaList leading) =>
        StartsBlank(leading) ? leading.RemoveAt(leading.IndexOf(SyntaxKind.EndOfLineTrivia)) : leading;

    private static (SyntaxNode Old, SyntaxNode New)? Widened(BlockSyntax block, int start, TryStatementSyntax attempt)
    {
        var end = block.Statements.IndexOf(attempt);
        var between = block.Statements.Skip(start + 1).Take(end - start - 1).ToList();
        if (end <= start + 1 || DeclaresFor(between, [attempt.Finally!, .. block.Statements.Skip(end + 1)]))
            return null;

        var (from, to) = (Indentation.Of(attempt), attempt.Block.Statements is [var inner, ..] ? Indentation.Of(inner) : Indentation.Of(attempt) + "    ");
        var moved = between.Select((statement, index) => Indented(statement, from, to, isFirst: index == 0));
        var widened = attempt.WithBlock(attempt.Block.WithStatements([.. moved, .. attempt.Block.Statements]));
        widened = widened.WithLeadingTrivia(StartsBlank(between[0].GetLeadingTrivia())
            ? [SyntaxFactory.EndOfLine("\n"), .. WithoutBlankLine(attempt.GetLeadingTrivia())]
            : WithoutBlankLine(attempt.GetLeadingTrivia()));
        return (block, block.WithStatements([.. block.Statements.Take(start + 1), widened, .. block.Statements.Skip(end + 1)]));
    }

    // What is declared in the try and used behind it is declared before it.
    private static (List<StatementSyntax> Declarations, List<StatementSyntax> Tried)? Split(List<StatementSyntax> body, List<StatementSyntax> after, SemanticModel model, Document document, CancellationToken cancellationToken)
    {
        var declarations = new List<StatementSyntax>();
        var tried = new List<StatementSyntax>();
        var used = new HashSet<string>(after.SelectMany(static one => one.DescendantTokens()).Where(static token => token.IsKind(SyntaxKind.IdentifierToken)).Select(static token => token.ValueText));
        foreach (var statement in body)
        {
            if (!DeclaredNames(statement).Any(used.Contains))
            {
                tried.Add(statement);
                continue;
            }

            if (statement is not LocalDeclarationStatementSyntax { IsConst: false, UsingKeyword.RawKind: (int)SyntaxKind.None, Declaration: { Variables: [{ Initializer.Value: { } value } variable] } written } declaration
                || DeclaredNames(statement).Skip(1).Any()
                || model.GetDeclaredSymbol(variable, cancellationToken) is not ILocalSymbol { IsRef: false, Type: { IsAnonymousType: false, TypeKind: not TypeKind.Error } type })
            {
                return null;
            }

            var indentation = SyntaxFactory.Whitespace(Indentation.Of(statement));
            var typeSyntax = written.Type.IsVar ? (TypeSyntax)SyntaxGenerator.GetGenerator(document).ImportedType(WithoutNull(type, model.GetTypeInfo(value, cancellationToken))) : written.Type;
            declarations.Add(SyntaxFactory.LocalDeclarationStatement(SyntaxFactory.VariableDeclaration(typeSyntax.WithoutTrivia().WithTrailingTrivia(SyntaxFactory.Space), [SyntaxFactory.VariableDeclarator(variable.Identifier.WithoutTrivia())]))
                .WithSemicolonToken(SyntaxFactory.Token(default, SyntaxKind.SemicolonToken, [SyntaxFactory.EndOfLine("\n")]))
                .WithLeadingTrivia(indentation));
            tried.Add(SyntaxFactory.ExpressionStatement(
                    SyntaxFactory.AssignmentExpression(SyntaxKind.SimpleAssignmentExpression, SyntaxFactory.IdentifierName(variable.Identifier.WithoutTrivia().WithTrailingTrivia(SyntaxFactory.Space)), variable.Initializer.EqualsToken, value),
                    declaration.SemicolonToken)
                .WithLeadingTrivia(declaration.GetLeadingTrivia()));
        }

        return (declarations, tried);
    }

    // `var` makes the local nullable, whatever it is given.
    private static ITypeSymbol WithoutNull(ITypeSymbol type, TypeInfo value) =>
        type.IsReferenceType && value.Nullability.FlowState == NullableFlowState.NotNull ? type.WithNullableAnnotation(NullableAnnotation.NotAnnotated) : type;

    private static bool DeclaresFor(List<StatementSyntax> statements, IEnumerable<SyntaxNode> later)
    {
        var declared = new HashSet<string>(statements.SelectMany(DeclaredNames));
        return declared.Count > 0 && later.SelectMany(static one => one.DescendantTokens()).Any(token => token.IsKind(SyntaxKind.IdentifierToken) && declared.Contains(token.ValueText));
    }

    // In the scope of the list itself: what blocks and lambdas further in declare stays with them.
    private static IEnumerable<string> DeclaredNames(StatementSyntax statement) => statement
        .DescendantNodesAndSelf(static node => node is not (BlockSyntax or AnonymousFunctionExpressionSyntax))
        .Select(static node => node switch
        {
            VariableDeclaratorSyntax variable => variable.Identifier.ValueText,
            SingleVariableDesignationSyntax variable => variable.Identifier.ValueText,
            LocalFunctionStatementSyntax function => function.Identifier.ValueText,
            LabeledStatementSyntax label => label.Identifier.ValueText,
            _ => "",
        })
        .Where(static name => name.Length > 0);

    private static TryStatementSyntax Guarded(List<StatementSyntax> tried, StatementSyntax release, string indentation, string unit, bool isSetOff)
    {
        var inner = indentation + unit;
        var newLine = SyntaxFactory.EndOfLine("\n");
        var body = Braced(tried.Select((statement, index) => Indented(statement, indentation, inner, index == 0)), indentation, []);
        var last = Braced([Indented(release, indentation, inner, isFirst: true)], indentation, [newLine]);
        SyntaxTriviaList leading = isSetOff ? [newLine, SyntaxFactory.Whitespace(indentation)] : [SyntaxFactory.Whitespace(indentation)];
        return SyntaxFactory.TryStatement(
            SyntaxFactory.Token(leading, SyntaxKind.TryKeyword, [newLine]),
            body.WithCloseBraceToken(body.CloseBraceToken.WithTrailingTrivia(newLine)),
            default,
            SyntaxFactory.FinallyClause(SyntaxFactory.Token([SyntaxFactory.Whitespace(indentation)], SyntaxKind.FinallyKeyword, [newLine]), last));
    }

    private static BlockSyntax Braced(IEnumerable<StatementSyntax> statements, string indentation, SyntaxTriviaList trailing) => SyntaxFactory.Block(
        SyntaxFactory.Token([SyntaxFactory.Whitespace(indentation)], SyntaxKind.OpenBraceToken, [SyntaxFactory.EndOfLine("\n")]),
        [.. statements],
        SyntaxFactory.Token([SyntaxFactory.Whitespace(indentation)], SyntaxKind.CloseBraceToken, trailing));

    private static StatementSyntax Indented(StatementSyntax statement, string from, string to, bool isFirst)
    {
        var shifted = Indentation.Shift(statement, from, to);
        return isFirst ? shifted.WithLeadingTrivia(WithoutBlankLine(shifted.GetLeadingTrivia())) : shifted;
    }

    private static bool StartsBlank(SyntaxTriviaList leading) => leading.FirstOrDefault(static trivia => !trivia.IsKind(SyntaxKind.WhitespaceTrivia)).IsKind(SyntaxKind.EndOfLineTrivia);
}
