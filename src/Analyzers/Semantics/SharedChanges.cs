namespace ConcurrencyAnalyzers.Semantics;

/// <summary>A change of shared state in a concurrent region, and where in the region it is made.</summary>
internal readonly struct SharedChange(StateEffect effect, IOperation place, IMethodSymbol? through)
{
    public StateEffect Effect { get; } = effect;

    /// <summary>The mention of the variable, or the call through which it is changed in another member.</summary>
    public IOperation Place { get; } = place;

    /// <summary>The method of another member that the place calls; null where the change itself stands here.</summary>
    public IMethodSymbol? Through { get; } = through;
}

/// <summary>
/// The state that a concurrent region changes and shares with what runs beside it: through local functions and methods
/// of the compilation that it calls, each looked at once, and not too many of them.
/// </summary>
internal sealed class SharedChanges
{
    private const int MaxFunctions = 64;
    private const int MaxDepth = 6;

    private readonly ConcurrentRegion _region;
    private readonly KnownSymbols _known;
    private readonly CancellationToken _cancellationToken;
    private readonly SyntaxTree _tree;
    private readonly HashSet<IMethodSymbol> _visited = new(SymbolEqualityComparer.Default);
    private readonly List<SharedChange> _changes = [];

    private SharedChanges(ConcurrentRegion region, KnownSymbols known, CancellationToken cancellationToken)
    {
        _region = region;
        _known = known;
        _cancellationToken = cancellationToken;
        _tree = region.Start.Syntax.SyntaxTree;
    }

    /// <summary>Every such change in the region.</summary>
    public static List<SharedChange> ChangedIn(ConcurrentRegion region, KnownSymbols known, CancellationToken cancellationToken)
    {
        var state = new SharedChanges(region, known, cancellationToken);
        var outside = new Frame { IsThisShared = true, IsInOrder = region.BeginsInOrder, Depth = 0 };
        switch (region.Code)
        {
            case IAnonymousFunctionOperation lambda:
                state.Walk(StateEffects.Of(lambda, known), outside with { Functions = ImmutableArray.Create(lambda.Syntax) });
                break;
            case IMethodReferenceOperation reference when MutableCollections.Mutated(reference) is { } collection:
                if (StateEffects.VariableOf(collection) is { } variable && state.IsShared(collection, outside, 0))
                    state._changes.Add(new(new(EffectKind.Collection, reference, collection, variable, isAfterAwait: false), collection, null));
                break;
            case IMethodReferenceOperation reference:
                state.Enter(reference, reference.Method, outside);
                break;
            case IInvocationOperation call:
                state.Enter(call, call.TargetMethod.ReducedFrom ?? call.TargetMethod, outside);
                break;
        }

        return state._changes;
    }

    private void Walk(StateEffects function, Frame frame)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        foreach (var effect in function.Effects)
        {
            if ((frame.IsInOrder && !effect.IsAfterAwait) || !IsShared(effect.Target, frame, 0))
                continue;

            _changes.Add(new(effect, frame.Via ?? effect.Target, frame.Through));
        }

        if (frame.Depth >= MaxDepth)
            return;

        foreach (var call in function.Calls)
            Enter(call.Operation, call.Method, frame with { IsInOrder = frame.IsInOrder && !call.IsAfterAwait });
    }

    private void Enter(IOperation place, IMethodSymbol method, Frame frame)
    {
        // What runs once meets the code around it in that code's variables alone, which other members don't see.
        if (!_region.HasCopies && method.MethodKind != MethodKind.LocalFunction)
            return;

        if (_visited.Count >= MaxFunctions || !_visited.Add(method.OriginalDefinition))
            return;

        var effects = StateEffects.Of(method, frame.Via ?? place, _known, _cancellationToken);
        if (effects.Function is not { } function)
            return;

        if (method.MethodKind == MethodKind.LocalFunction)
        {
            Walk(effects, frame with { Depth = frame.Depth + 1, Functions = frame.Functions.Add(function.Syntax), SharedParameters = Parameters(place, frame) ?? frame.SharedParameters });
            return;
        }

        Walk(effects, new Frame
        {
            Depth = frame.Depth + 1,
            IsInOrder = frame.IsInOrder,
            IsThisShared = !method.IsStatic && !method.ContainingType.IsValueType && IsShared(InstanceOf(place), frame, 0),
            Functions = ImmutableArray.Create(function.Syntax),
            SharedParameters = Parameters(place, frame),
            Via = frame.Via ?? place,
            Through = frame.Through ?? method,
            IsElsewhere = true,
        });
    }

    private static IOperation? InstanceOf(IOperation place) => place switch
    {
        IInvocationOperation call => call.Instance,
        IMethodReferenceOperation reference => reference.Instance,
        _ => null,
    };

    private ImmutableArray<IParameterSymbol>? Parameters(IOperation place, Frame frame)
    {
        if (place is not IInvocationOperation call)
            return null;

        ImmutableArray<IParameterSymbol>? shared = null;
        foreach (var argument in call.Arguments)
        {
            if (argument is { ArgumentKind: ArgumentKind.Explicit, Parameter: { } parameter } && parameter.Type.IsReferenceType && IsShared(argument.Value, frame, 0))
                shared = (shared ?? []).Add(parameter.OriginalDefinition);
        }

        return shared;
    }

    /// <summary>Whether copies of the region see the same variable, or the same object, in the expression.</summary>
    private bool IsShared(IOperation? expression, Frame frame, int depth)
    {
        if (depth > 10)
            return false;

        switch (AssignedValues.UnwrapOrNull(expression))
        {
            case null:
                return false;
            case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }:
                return frame.IsThisShared;
            case ILocalReferenceOperation { Local: var local }:
                return IsOutside(local, frame) && !local.Type.IsRefLikeType;
            case IParameterReferenceOperation { Parameter: var parameter }:
                if (frame.SharedParameters is { } shared && shared.Contains(parameter.OriginalDefinition, SymbolEqualityComparer.Default))
                    return true;
                return parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor } ? frame.IsThisShared && IsOutside(parameter, frame) : !frame.IsElsewhere && IsOutside(parameter, frame);
            case IConditionalAccessInstanceOperation instance:
                return IsShared(StateEffects.AccessAround(instance)?.Operation, frame, depth + 1);
            case IFieldReferenceOperation field:
                if (field.Field.IsConst || IsOfOneThread(field.Field))
                    return false;
                return field.Field.IsStatic || IsShared(field.Instance, frame, depth + 1);
            case IPropertyReferenceOperation { Property: var property } reference when StateEffects.VariableOf(reference) is not null:
                return property.IsStatic || IsShared(reference.Instance, frame, depth + 1);
            case IArrayElementReferenceOperation element:
                return element.Indices.All(index => index.ConstantValue.HasValue || ElementIndex.IsManyToOne(index) || IsShared(index, frame, depth + 1)) && IsShared(element.ArrayReference, frame, depth + 1);
            default:
                return false;
        }
    }

    // Declared outside of what a copy runs: not in its loop's turn, nor in any function on the way.
    private bool IsOutside(ISymbol variable, Frame frame)
    {
        foreach (var place in variable.Locations)
        {
            if (place.SourceTree == _tree && _region.Scope.Contains(place.SourceSpan))
                return false;

            foreach (var function in frame.Functions)
            {
                if (place.SourceTree == function.SyntaxTree && function.Span.Contains(place.SourceSpan))
                    return false;
            }
        }

        return true;
    }

    private bool IsOfOneThread(IFieldSymbol field) =>
        field.IsStatic && _known.ThreadStaticAttribute is { } attribute
        && field.GetAttributes().Any(one => SymbolEqualityComparer.Default.Equals(one.AttributeClass, attribute));

    private readonly record struct Frame
    {
        public Frame()
        {
        }

        public bool IsThisShared { get; init; }

        public bool IsInOrder { get; init; }

        /// <summary>In a method of another member, whose parameters are what it was given.</summary>
        public bool IsElsewhere { get; init; }

        public int Depth { get; init; }

        public ImmutableArray<SyntaxNode> Functions { get; init; } = [];

        public ImmutableArray<IParameterSymbol>? SharedParameters { get; init; }

        public IOperation? Via { get; init; }

        public IMethodSymbol? Through { get; init; }
    }
}
