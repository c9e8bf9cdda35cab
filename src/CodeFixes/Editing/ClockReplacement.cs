using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis.Simplification;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// Writes timestamps for the readings of a wall clock: in the whole flow at once, since a timestamp and a time of day
/// can't be set off against each other.
/// </summary>
internal sealed class ClockReplacement
{
    private readonly Dictionary<SyntaxNode, Func<SyntaxNode, SyntaxNode>> _edits = [];
    private readonly SemanticModel _model;
    private readonly KnownSymbols _known;
    private readonly SyntaxGenerator _generator;
    private readonly ClockFlow _flow;
    private readonly HashSet<SyntaxNode> _reads;
    private readonly CancellationToken _cancellationToken;

    private ClockReplacement(ClockFlow flow, SemanticModel model, SyntaxGenerator generator, CancellationToken cancellationToken)
    {
        (_flow, _model, _generator, _cancellationToken) = (flow, model, generator, cancellationToken);
        _known = KnownSymbols.Of(model.Compilation);
        _reads = [.. flow.Reads.Select(static read => read.Syntax)];
        Provider = FindProvider();
    }

    /// <summary>The TimeProvider that is in scope everywhere in the flow.</summary>
    public string? Provider { get; }

    /// <summary>Whether milliseconds are counted instead.</summary>
    public bool Counts { get; private set; }

    /// <summary>The replacement; null where the flow can't be rewritten as a whole.</summary>
    public static ClockReplacement? Of(ClockFlow flow, SemanticModel model, SyntaxGenerator generator, CancellationToken cancellationToken)
    {
        var operations = flow.Reads.Concat(flow.Measures);
        if (!flow.IsPure || operations.Any(operation => operation.Syntax.SyntaxTree != model.SyntaxTree))
            return null;

        var replacement = new ClockReplacement(flow, model, generator, cancellationToken);
        return replacement.Plan() ? replacement : null;
    }

    public SyntaxNode Apply(SyntaxNode root) => root.ReplaceNodes(_edits.Keys, (node, rewritten) => _edits[node](rewritten));

    private bool Plan()
    {
        if (_flow.Reads.All(read => read is IPropertyReferenceOperation { Property.Name: "TickCount" }))
            return PlanCounts();

        if (_flow.HasOtherValues || (Provider is null && !HasElapsedTime(_known.Stopwatch)) || _flow.Reads.Any(static read => read is IPropertyReferenceOperation { Property.Name: "TickCount" }))
            return false;

        return _flow.HasArithmetic ? PlanDeadline() : PlanTimestamps();
    }

    // Environment.TickCount64 is the same with more bits.
    private bool PlanCounts()
    {
        if (_known.Environment?.GetMembers("TickCount64").IsEmpty != false
            || !_flow.Variables.All(variable => Retype(variable, SpecialType.System_Int32))
            || !_flow.Measures.All(static measure => IsComparison(measure) || (ResultOf(measure) is { } result && (IsComparison(result) || result is IInterpolationOperation))))
        {
            return false;
        }

        foreach (var read in _reads)
        {
            if (Name(read) is { } name)
                _edits[name] = static name => ((IdentifierNameSyntax)name).WithIdentifier(SyntaxFactory.Identifier(name.GetLeadingTrivia(), "TickCount64", name.GetTrailingTrivia()));
        }

        return Counts = true;
    }

    private bool PlanTimestamps()
    {
        if (!_flow.Variables.All(variable => Retype(variable, SpecialType.None) && HasFirstReading(variable)))
            return false;

        foreach (var read in _reads)
            _edits[read] = node => Timestamp().WithTriviaFrom(node);

        foreach (var measure in _flow.Measures)
        {
            if (IsComparison(measure))
                continue;

            var latest = ClockReading.Operands(measure)!.Value.Left;
            var isNow = _reads.Contains(AssignedValues.Unwrap(latest).Syntax);
            _edits[WithParentheses(measure.Syntax)] = node =>
            {
                var (left, right) = OperandsOf(node is ParenthesizedExpressionSyntax { Expression: var inner } ? inner : node);
                return Elapsed(isNow ? [right] : [right, left]).WithTriviaFrom(node);
            };
        }

        return true;
    }

    // A call needs none, where a difference did.
    private static SyntaxNode WithParentheses(SyntaxNode measure) => measure.Parent is ParenthesizedExpressionSyntax outer ? outer : measure;

    // `var deadline = now + timeout; … now < deadline` → `var started = timestamp; … elapsed since started < timeout`
    private bool PlanDeadline()
    {
        if (_flow.Variables.Count != 1
            || _flow.Variables.Single() is not ILocalSymbol local
            || local.DeclaringSyntaxReferences is not [var reference]
            || reference.GetSyntax(_cancellationToken) is not VariableDeclaratorSyntax { Initializer.Value: var initial } declarator
            || declarator.FirstAncestorOrSelf<StatementSyntax>() is not { } statement
            || SpanAfterReading(initial) is not { } timeout
            || !IsRepeatable(timeout)
            || !Retype(local, SpecialType.None))
        {
            return false;
        }

        var name = FreshName.In(statement.ScopeOf(), _model, "started", "startedAt");
        _edits[initial] = node => Timestamp().WithTriviaFrom(node);
        _edits[declarator] = node => ((VariableDeclaratorSyntax)node).WithIdentifier(SyntaxFactory.Identifier(default, name, ((VariableDeclaratorSyntax)node).Identifier.TrailingTrivia));
        foreach (var measure in _flow.Measures)
        {
            var (left, right) = ClockReading.Operands(measure)!.Value;
            var isLeft = IsReference(left, local) && _reads.Contains(AssignedValues.Unwrap(right).Syntax);
            var isRight = IsReference(right, local) && _reads.Contains(AssignedValues.Unwrap(left).Syntax) && IsComparison(measure);
            if (!isLeft && !isRight)
                return false;

            var elapsed = Elapsed([SyntaxFactory.IdentifierName(name)]);
            _edits[measure.Syntax] = node =>
            {
                ExpressionSyntax span = timeout is BinaryExpressionSyntax or ConditionalExpressionSyntax ? SyntaxFactory.ParenthesizedExpression(timeout).WithAdditionalAnnotations(Simplifier.Annotation) : timeout;
                var (first, second) = OperandsOf(node);
                if (node is BinaryExpressionSyntax binary)
                {
                    return binary
                        .WithLeft((isLeft ? span : elapsed).WithTriviaFrom(first))
                        .WithRight((isLeft ? elapsed : span).WithTriviaFrom(second));
                }

                return SyntaxFactory.BinaryExpression(SyntaxKind.SubtractExpression, span, SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.MinusToken, [SyntaxFactory.Space]), elapsed).WithTriviaFrom(node);
            };
        }

        // Each mention has to be in a measure, and each reading but the first as well.
        return VariableMentions.Of(local, _flow.Reads.First()).Count == _flow.Measures.Count + 1 && _reads.Count == _flow.Measures.Count + 1;
    }

    private bool Retype(ISymbol variable, SpecialType counter)
    {
        if (variable.DeclaringSyntaxReferences is not [var reference]
            || reference.GetSyntax(_cancellationToken) is not VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax declaration } declarator
            || declarator.SyntaxTree != _model.SyntaxTree)
        {
            return false;
        }

        var type = variable is ILocalSymbol local ? local.Type : ((IFieldSymbol)variable).Type;
        if (counter == SpecialType.None ? !ClockReading.IsPointInTime(type, _known) : type.SpecialType != counter)
            return false;

        if (declaration.Type.IsVar)
            return true;

        _edits[declaration.Type] = static node => SyntaxFactory.PredefinedType(SyntaxFactory.Token(SyntaxKind.LongKeyword)).WithTriviaFrom(node);
        return declaration.Variables.All(one => _flow.Variables.Contains(_model.GetDeclaredSymbol(one, _cancellationToken)!, SymbolEqualityComparer.Default));
    }

    // A field that was never set is the year 1, and then everything is over; a timestamp of 0 isn't as long ago.
    private bool HasFirstReading(ISymbol variable)
    {
        if (variable is ILocalSymbol || variable.DeclaringSyntaxReferences[0].GetSyntax(_cancellationToken) is VariableDeclaratorSyntax { Initializer: not null })
            return true;

        var constructors = variable.IsStatic ? variable.ContainingType.StaticConstructors : variable.ContainingType.InstanceConstructors;
        return constructors.All(constructor =>
            constructor.DeclaringSyntaxReferences is [var reference]
            && reference.GetSyntax(_cancellationToken) is ConstructorDeclarationSyntax { Body: { } body }
            && body.Statements.Any(statement =>
                statement is ExpressionStatementSyntax { Expression: AssignmentExpressionSyntax { Left: var target } }
                && SymbolEqualityComparer.Default.Equals(_model.GetSymbolInfo(target, _cancellationToken).Symbol, variable))) && !constructors.IsEmpty;
    }

    private string? FindProvider()
    {
        string? provider = null;
        foreach (var operation in _flow.Reads.Concat(_flow.Measures))
        {
            var here = operation.Syntax.SyntaxTree == _model.SyntaxTree ? ValueInScope.TimeProvider(_model, operation.Syntax.SpanStart, _known) : null;
            if (here is null || (provider ??= here) != here)
                return null;
        }

        return HasElapsedTime(_known.TimeProvider) ? provider : null;
    }

    private static bool HasElapsedTime(INamedTypeSymbol? type) => type?.GetMembers("GetElapsedTime").IsEmpty == false;

    // What `now + x`, `now.Add(x)` and `now.AddSeconds(x)` add.
    private ExpressionSyntax? SpanAfterReading(ExpressionSyntax value)
    {
        switch (value)
        {
            case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum when _reads.Contains(sum.Left):
                return sum.Right.WithoutTrivia();
            case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access, ArgumentList.Arguments: [{ NameColon: null, Expression: var amount }] } when _reads.Contains(access.Expression):
                return access.Name.Identifier.ValueText switch
                {
                    "Add" => amount.WithoutTrivia(),
                    "AddMilliseconds" or "AddSeconds" or "AddMinutes" when _known.TimeSpan is { } span => (ExpressionSyntax)_generator.InvocationExpression(
                        _generator.ImportedMember(span, "From" + access.Name.Identifier.ValueText.Substring("Add".Length)), amount.WithoutTrivia()),
                    _ => null,
                };
            default:
                return null;
        }
    }

    // The span is evaluated at each comparison now, and has to be the same then.
    private bool IsRepeatable(ExpressionSyntax timeout) => _flow.Reads
        .Select(static read => read.Syntax.Parent)
        .SelectMany(node => node!.AncestorsAndSelf().TakeWhile(static one => one is ExpressionSyntax or ArgumentSyntax or ArgumentListSyntax or EqualsValueClauseSyntax))
        .OfType<EqualsValueClauseSyntax>()
        .SelectMany(static clause => clause.DescendantNodes())
        .All(node => node switch
        {
            InvocationExpressionSyntax call => _model.GetSymbolInfo(call, _cancellationToken).Symbol is IMethodSymbol { ContainingType: var type } && (SymbolEqualityComparer.Default.Equals(type, _known.TimeSpan) || ClockReading.IsPointInTime(type, _known)),
            AssignmentExpressionSyntax or AwaitExpressionSyntax or PostfixUnaryExpressionSyntax or BaseObjectCreationExpressionSyntax => false,
            IdentifierNameSyntax name => _model.GetSymbolInfo(name, _cancellationToken).Symbol switch
            {
                ILocalSymbol local => local.RefKind == RefKind.None && !IsWritten(local),
                IParameterSymbol parameter => parameter.RefKind == RefKind.None && !IsWritten(parameter),
                IFieldSymbol field => field.IsConst || field.IsReadOnly,
                IPropertySymbol property => _reads.Contains(name.Parent!) || (property.IsStatic && property.SetMethod is null),
                _ => true,
            },
            _ => true,
        });

    private bool IsWritten(ISymbol variable) => AssignedValues.Root(_flow.Measures.First()).Descendants().Any(reference =>
        reference switch
        {
            ILocalReferenceOperation { Local: var local } => SymbolEqualityComparer.Default.Equals(local, variable),
            IParameterReferenceOperation { Parameter: var parameter } => SymbolEqualityComparer.Default.Equals(parameter, variable),
            _ => false,
        }
        && reference.Parent switch
        {
            IAssignmentOperation assignment => assignment.Target == reference,
            IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } or IIncrementOrDecrementOperation or ITupleOperation { Parent: IDeconstructionAssignmentOperation } => true,
            _ => false,
        });

    private ExpressionSyntax Timestamp() => (ExpressionSyntax)_generator.InvocationExpression(Member("GetTimestamp"));

    private ExpressionSyntax Elapsed(IEnumerable<ExpressionSyntax> times) =>
        (ExpressionSyntax)_generator.InvocationExpression(Member("GetElapsedTime"), times.Select(static time => time.WithoutTrivia()));

    private SyntaxNode Member(string name) => Provider is { } provider
        ? _generator.MemberAccessExpression(SyntaxFactory.ParseExpression(provider), name)
        : _generator.ImportedMember(_known.Stopwatch!, name);

    private static (ExpressionSyntax Left, ExpressionSyntax Right) OperandsOf(SyntaxNode measure) => measure switch
    {
        BinaryExpressionSyntax binary => (binary.Left, binary.Right),
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } call => (access.Expression, call.ArgumentList.Arguments[0].Expression),
        _ => throw new InvalidOperationException("A measure is a binary expression or a call."),
    };

    private static IOperation? ResultOf(IOperation measure)
    {
        var result = measure.Parent;
        while (result is IParenthesizedOperation or IConversionOperation { IsImplicit: true })
            result = result.Parent;

        return result;
    }

    private static bool IsComparison(IOperation operation) =>
        operation is IBinaryOperation { OperatorKind: BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual or BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual };

    private static bool IsReference(IOperation operand, ILocalSymbol local) =>
        AssignedValues.Unwrap(operand) is ILocalReferenceOperation reference && SymbolEqualityComparer.Default.Equals(reference.Local, local);

    private static SyntaxNode? Name(SyntaxNode read) => read switch
    {
        IdentifierNameSyntax => read,
        MemberAccessExpressionSyntax access => access.Name,
        _ => null,
    };
}
