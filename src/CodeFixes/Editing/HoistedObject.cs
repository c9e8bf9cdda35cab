namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// An object that a call makes, uses and disposes, seen as a field's value: what has to be edited so that the call uses
/// the field. The local that held it is replaced by the field, and the code that disposed it goes.
/// </summary>
internal sealed class HoistedObject
{
    private readonly HashSet<SyntaxNode> _uses = [];
    private readonly HashSet<StatementSyntax> _removed = [];
    private readonly HashSet<StatementSyntax> _unwrapped = [];

    private readonly SemanticModel _model;

    private HoistedObject(ExpressionSyntax creation, SemanticModel model)
    {
        Creation = creation;
        _model = model;
    }

    public ExpressionSyntax Creation { get; }

    /// <summary>The local that held it; null where it is used where it is made.</summary>
    public ILocalSymbol? Local { get; private set; }

    /// <summary>The local's type as it is written; null for <c>var</c> and where there is no local.</summary>
    public TypeSyntax? WrittenType { get; private set; }

    /// <summary>The statement with the creation, whose comments go with the object; null where it stays.</summary>
    public StatementSyntax? Declaration { get; private set; }

    /// <summary>What to edit; null where the object's use doesn't allow for it to be shared.</summary>
    public static HoistedObject? Find(ExpressionSyntax creation, SemanticModel model, CancellationToken cancellationToken)
    {
        var hoisted = new HoistedObject(creation, model);
        SyntaxNode value = creation;
        while (value.Parent is ParenthesizedExpressionSyntax or CastExpressionSyntax)
            value = value.Parent!;

        if (value.Parent is not EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax declarator })
            return hoisted.IsUsedInPlace(value) ? hoisted : null;

        var isReplaced = value == creation
            && declarator.Parent is VariableDeclarationSyntax { Variables.Count: 1, Parent: StatementSyntax statement }
            && model.GetDeclaredSymbol(declarator, cancellationToken) is ILocalSymbol { IsRef: false } local
            && hoisted.Replaces(local, statement, cancellationToken);
        return isReplaced ? hoisted : null;
    }

    /// <summary>The code with the field in the object's place.</summary>
    public SyntaxNode Apply(SyntaxNode code, string fieldName) => new HoistRewriter(Creation, fieldName, _uses, _removed, _unwrapped).Visit(code)!;

    // A temporary: nothing but the one member access, or the one argument, knows it.
    private bool IsUsedInPlace(SyntaxNode value)
    {
        if (value.Parent is MemberAccessExpressionSyntax access && (EndsLife(access.Name) || access.Name.Identifier.ValueText == "ConfigureAwait"))
            return false;

        return value.Parent is not (UsingStatementSyntax or EqualsValueClauseSyntax or ExpressionStatementSyntax)
            && !IsOwned(value)
            && Creation.FirstAncestorOrSelf<StatementSyntax>() is not { ContainsDirectives: true };
    }

    private bool Replaces(ILocalSymbol local, StatementSyntax statement, CancellationToken cancellationToken)
    {
        Local = local;
        Declaration = statement;
        switch (statement)
        {
            case LocalDeclarationStatementSyntax { Parent: BlockSyntax or SwitchSectionSyntax } declared:
                WrittenType = declared.Declaration.Type is { IsVar: false } written ? written : null;
                _removed.Add(declared);
                break;
            case UsingStatementSyntax { Declaration: { } declared }:
                WrittenType = declared.Type is { IsVar: false } type ? type : null;
                _unwrapped.Add(statement);
                break;
            default:
                return false;
        }

        var scope = EnclosingFunction.Of(statement);
        if (scope is null or CompilationUnitSyntax)
            return false;

        foreach (var name in scope.DescendantNodes().OfType<IdentifierNameSyntax>())
        {
            if (name.Identifier.ValueText == local.Name && SymbolEqualityComparer.Default.Equals(_model.GetSymbolInfo(name, cancellationToken).Symbol, local) && !Take(name))
                return false;
        }

        return !_removed.Any(static one => one.ContainsDirectives) && !_unwrapped.Any(HasDirectives);
    }

    // Those before the statements inside stay where they are; others would go with the header and the braces.
    private static bool HasDirectives(StatementSyntax unwrapped) => unwrapped
        .DescendantTokens(node => node == unwrapped || node is not StatementSyntax || node.Parent == unwrapped || node.Parent is FinallyClauseSyntax)
        .Any(static token => token.ContainsDirectives);

    /// <summary>Whether this use is disposal that can go, or a use that can stay.</summary>
    private bool Take(IdentifierNameSyntax name)
    {
        var value = (ExpressionSyntax)name;
        while (value.Parent is ParenthesizedExpressionSyntax or PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression })
            value = (ExpressionSyntax)value.Parent;

        switch (value.Parent)
        {
            case AssignmentExpressionSyntax assignment when assignment.Left == value:
            case ArgumentSyntax { RefKindKeyword.RawKind: not (int)SyntaxKind.None }:
            case RefExpressionSyntax or PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.AddressOfExpression }:
            case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AsExpression } or CastExpressionSyntax or IsPatternExpressionSyntax:
                return false;
            case UsingStatementSyntax used:
                return _unwrapped.Add(used);
            case EqualsValueClauseSyntax:
                return false;
            case ArgumentSyntax or AssignmentExpressionSyntax when IsOwned(value):
                return false;
            case MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Parent: InvocationExpressionSyntax configured } access when access.Expression == value:
                return TakeConfigured(configured);
            case MemberAccessExpressionSyntax access when access.Expression == value && EndsLife(access.Name):
                return access.Parent is InvocationExpressionSyntax call && TakeDisposal(call);
            case ConditionalAccessExpressionSyntax { WhenNotNull: InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax binding } } access when access.Expression == value && EndsLife(binding.Name):
                return TakeDisposal(access);
            default:
                _uses.Add(name);
                return true;
        }
    }

    // What it is given to may dispose it: an owner does. A task factory and the options of parallel loops don't.
    private bool IsOwned(SyntaxNode value)
    {
        var owner = value.Parent switch
        {
            ArgumentSyntax { Parent.Parent: BaseObjectCreationExpressionSyntax creation } => creation,
            AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax { Parent: BaseObjectCreationExpressionSyntax creation } } => creation,
            AssignmentExpressionSyntax or InitializerExpressionSyntax or CollectionElementSyntax => value.Parent,
            _ => null,
        };
        return owner is not null && _model.GetTypeInfo(owner).Type is not { ContainingNamespace: { Name: "Tasks", ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" } } };
    }

    // await using (x.ConfigureAwait(false)) { … }, await using var _ = x.ConfigureAwait(false);
    private bool TakeConfigured(InvocationExpressionSyntax configured) => configured.Parent switch
    {
        UsingStatementSyntax used => _unwrapped.Add(used),
        EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: LocalDeclarationStatementSyntax { UsingKeyword.RawKind: not (int)SyntaxKind.None } declaration } } } => _removed.Add(declaration),
        _ => false,
    };

    private bool TakeDisposal(ExpressionSyntax disposal)
    {
        var call = disposal;
        if (call is InvocationExpressionSyntax && call.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Parent: InvocationExpressionSyntax configured })
            call = configured;
        if (call.Parent is AwaitExpressionSyntax awaited)
            call = awaited;
        if (call.Parent is not ExpressionStatementSyntax { Parent: BlockSyntax block } statement || disposal.DescendantNodes().OfType<ArgumentSyntax>().Any(static argument => argument.Expression is not (LiteralExpressionSyntax or IdentifierNameSyntax or MemberAccessExpressionSyntax)))
            return false;

        _removed.Add(statement);
        if (block is { Parent: FinallyClauseSyntax { Parent: TryStatementSyntax attempt }, Statements.Count: 1 })
            _unwrapped.Add(attempt);

        return true;
    }

    // Complete and Completion are of schedulers: once complete, they take no more work.
    private static bool EndsLife(SimpleNameSyntax name) =>
        Semantics.Disposal.EndsLife(name.Identifier.ValueText) || name.Identifier.ValueText is "Complete" or "Completion";
}
