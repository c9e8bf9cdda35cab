using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// What a function changes without holding a lock, and which functions it calls: read off its body once. Whether that
/// state is shared depends on who runs the function, and isn't asked here.
/// </summary>
internal sealed class StateEffects
{
    private static readonly ConditionalWeakTable<Compilation, ConcurrentDictionary<IMethodSymbol, StateEffects>> OfMethods = new();
    private static readonly ConditionalWeakTable<IOperation, StateEffects> OfFunctions = new();
    private static readonly StateEffects None = new(null, null);

    private readonly IOperation? _function;
    private List<(int Start, IOperation Operation)>? _awaits;
    private bool? _signals;

    private readonly KnownSymbols? _known;

    private StateEffects(IOperation? function, KnownSymbols? known) => (_function, _known) = (function, known);

    /// <summary>The function's lambda, local function or body; null where it isn't known.</summary>
    public IOperation? Function => _function;

    public List<StateEffect> Effects { get; } = [];

    public List<StateCall> Calls { get; } = [];

    /// <summary>Of a lambda or local function.</summary>
    public static StateEffects Of(IOperation function, KnownSymbols known) =>
        OfFunctions.GetValue(function, one => Read(one, known));

    /// <summary>Of a method; nothing where its body isn't known, may be another's, or runs later.</summary>
    public static StateEffects Of(IMethodSymbol method, IOperation caller, KnownSymbols known, CancellationToken cancellationToken)
    {
        method = method.OriginalDefinition;
        if (method.DeclaringSyntaxReferences.IsEmpty || (method.IsVirtual || method.IsOverride) && !method.ContainingType.IsSealed && !method.IsSealed
            || MutualExclusion.IsSaidOf(method) || caller.SemanticModel is not { } model)
        {
            return None;
        }

        if (method.MethodKind == MethodKind.LocalFunction)
        {
            foreach (var operation in AssignedValues.Root(caller).Descendants())
            {
                if (operation is ILocalFunctionOperation function && SymbolEqualityComparer.Default.Equals(function.Symbol, method))
                    return Of(function, known);
            }
        }

        var cache = OfMethods.GetOrCreateValue(model.Compilation);
        if (cache.TryGetValue(method, out var effects))
            return effects;

        var body = MethodBodies.Of(method, model, cancellationToken);
        return cache.GetOrAdd(method, body is null ? None : Read(body, known));
    }

    private static StateEffects Read(IOperation function, KnownSymbols known)
    {
        var effects = new StateEffects(function, known);
        foreach (var operation in Run(function))
        {
            switch (operation)
            {
                case IReturnOperation { Kind: OperationKind.YieldReturn or OperationKind.YieldBreak }:
                    return None;
                case IIncrementOrDecrementOperation increment:
                    effects.Write(EffectKind.Update, increment, increment.Target);
                    break;
                case ICompoundAssignmentOperation compound:
                    effects.Write(EffectKind.Update, compound, compound.Target);
                    break;
                case ISimpleAssignmentOperation { IsRef: false } assignment:
                    effects.Assign(assignment);
                    break;
                case IInvocationOperation call:
                    if (MutableCollections.Mutated(call) is { } collection)
                        effects.Change(call, collection);
                    else
                        effects.Call(call, call.TargetMethod);
                    break;
                case IMethodReferenceOperation { Parent: IDelegateCreationOperation creation } reference when IsArgumentRunInPlace(creation):
                    effects.Call(reference, reference.Method);
                    break;
            }
        }

        return effects;
    }

    // What the function runs itself: in it, and in the lambdas that it has run.
    private static IEnumerable<IOperation> Run(IOperation function)
    {
        var pending = new Stack<IOperation>();
        pending.Push(function);
        while (pending.Count > 0)
        {
            var operation = pending.Pop();
            yield return operation;
            foreach (var child in operation.ChildOperations.Reverse())
            {
                if (child is not (ILocalFunctionOperation or INameOfOperation) && (child is not IAnonymousFunctionOperation lambda || IsRunInPlace(lambda)))
                    pending.Push(child);
            }
        }
    }

    private void Assign(ISimpleAssignmentOperation assignment)
    {
        if (MutableCollections.Mutated(assignment) is { } collection)
        {
            Change(assignment, collection);
            return;
        }

        // results[order[i]] = x: an order has each place once.
        if (VariableOf(assignment.Target) is not { } variable || (AssignedValues.Unwrap(assignment.Target) is IArrayElementReferenceOperation element && element.Indices.Any(ElementIndex.IsManyToOne)))
            return;

        if (Mentions(assignment.Value, variable) || IsMadeIfLarger(assignment, variable))
            Write(EffectKind.Update, assignment, assignment.Target);
        else if (variable is ILocalSymbol or IParameterSymbol && !assignment.Value.ConstantValue.HasValue && !IsDeliberate(assignment))
            Write(EffectKind.Overwrite, assignment, assignment.Target);
    }

    private void Write(EffectKind kind, IOperation operation, IOperation target)
    {
        if (VariableOf(target) is { } variable && !MutualExclusion.IsHeldAt(operation, _function!, _known!))
            Effects.Add(new(kind, operation, AssignedValues.Unwrap(target), variable, IsAfterAwait(operation)));
    }

    private void Change(IOperation operation, IOperation collection)
    {
        if (VariableOf(collection) is { } variable && !MutualExclusion.IsHeldAt(operation, _function!, _known!))
            Effects.Add(new(EffectKind.Collection, operation, collection, variable, IsAfterAwait(operation)));
    }

    private void Call(IOperation operation, IMethodSymbol method)
    {
        if (!method.DeclaringSyntaxReferences.IsEmpty && method.MethodKind is MethodKind.Ordinary or MethodKind.LocalFunction or MethodKind.ReducedExtension && !MutualExclusion.IsHeldAt(operation, _function!, _known!))
            Calls.Add(new(operation, method.ReducedFrom ?? method, IsAfterAwait(operation)));
    }

    /// <summary>The variable that the expression names; null where it is no plain variable.</summary>
    public static ISymbol? VariableOf(IOperation target) => AssignedValues.Unwrap(target) switch
    {
        ILocalReferenceOperation { Local: { RefKind: RefKind.None, IsFixed: false } local } => local,
        IParameterReferenceOperation { Parameter.RefKind: RefKind.None } parameter => parameter.Parameter,
        IFieldReferenceOperation field => field.Field,
        IPropertyReferenceOperation { Arguments.IsEmpty: true } property when IsAutomatic(property.Property) => property.Property,
        IConditionalAccessInstanceOperation instance when AccessAround(instance) is { } access => VariableOf(access.Operation),
        IArrayElementReferenceOperation element when element.Indices.All(static index => index.ConstantValue.HasValue || ElementIndex.IsManyToOne(index) || AssignedValues.Unwrap(index) is ILocalReferenceOperation or IParameterReferenceOperation or IFieldReferenceOperation) => VariableOf(element.ArrayReference),
        _ => null,
    };

    /// <summary>The conditional access whose receiver the instance stands for.</summary>
    public static IConditionalAccessOperation? AccessAround(IConditionalAccessInstanceOperation instance)
    {
        for (IOperation child = instance, current = instance.Parent!; current is not null; child = current, current = current.Parent!)
        {
            if (current is IConditionalAccessOperation access && access.WhenNotNull == child)
                return access;
        }

        return null;
    }

    private static bool IsAutomatic(IPropertySymbol property) =>
        !property.DeclaringSyntaxReferences.IsEmpty && !property.IsVirtual && !property.IsAbstract && !property.IsOverride
        && property.ContainingType.GetMembers().Any(member => member is IFieldSymbol field && SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    private static bool Mentions(IOperation value, ISymbol variable) =>
        OwnOperations.Of(value).Any(operation => SymbolEqualityComparer.Default.Equals(
            operation switch
            {
                ILocalReferenceOperation local => local.Local,
                IParameterReferenceOperation parameter => parameter.Parameter,
                IFieldReferenceOperation field => field.Field,
                IPropertyReferenceOperation property => property.Property,
                _ => null,
            },
            variable) && operation.Parent is not (IArrayElementReferenceOperation or IMemberReferenceOperation));

    // if (x > max) max = x; if (x.Score > best.Score) best = x;
    private bool IsMadeIfLarger(ISimpleAssignmentOperation assignment, ISymbol variable)
    {
        if (assignment.Value.ConstantValue.HasValue)
            return false;

        for (var current = assignment.Parent; current is not null && current != _function; current = current.Parent)
        {
            if (current is IConditionalOperation { Condition: var condition }
                && OwnOperations.Of(condition).Any(operation => operation is IBinaryOperation { OperatorKind: BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual or BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual } comparison
                    && (IsVariable(comparison.LeftOperand, variable) || IsVariable(comparison.RightOperand, variable))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsVariable(IOperation operation, ISymbol variable) =>
        SymbolEqualityComparer.Default.Equals(VariableOf(operation), variable)
        || (AssignedValues.Unwrap(operation) is IMemberReferenceOperation { Instance: { } owner } && IsVariable(owner, variable));

    // Any one of the errors, the first match of a search that stops, a value of which any will do.
    private bool IsDeliberate(ISimpleAssignmentOperation assignment)
    {
        for (var current = assignment.Parent; current is not null && current != _function; current = current.Parent)
        {
            if (current is ICatchClauseOperation or IConditionalOperation or ISwitchCaseOperation or ISwitchExpressionArmOperation)
                return true;
        }

        return _signals ??= Run(_function!).Any(static operation => operation is IInvocationOperation { TargetMethod.Name: "Stop" or "Break" or "Cancel" or "CancelAsync" or "Set" or "TrySetResult" or "SetResult" or "Signal" });
    }

    private bool IsAfterAwait(IOperation operation)
    {
        if (_awaits is null)
        {
            _awaits = [];
            foreach (var one in Run(_function!))
            {
                if (one is IAwaitOperation or IForEachLoopOperation { IsAsynchronous: true } or IUsingOperation { IsAsynchronous: true } or IUsingDeclarationOperation { IsAsynchronous: true })
                    _awaits.Add((one.Syntax.SpanStart, one));
            }
        }

        if (_awaits.Count == 0)
            return IsInOtherFunction(operation);

        foreach (var (start, one) in _awaits)
        {
            // `Add(await x)` comes after the await, the call in `await F()` before it.
            if (one is IAwaitOperation ? one.Syntax.Span.End <= operation.Syntax.Span.End && !one.Syntax.Span.Contains(operation.Syntax.Span) : start < operation.Syntax.SpanStart)
                return true;
        }

        for (var current = operation.Parent; current is not null && current != _function; current = current.Parent)
        {
            if (current is ILoopOperation loop && _awaits.Exists(one => loop.Syntax.Span.Contains(one.Start)))
                return true;
        }

        return IsInOtherFunction(operation);
    }

    // Such a lambda is one of Task.Run and the like, or runs at once; only the former matters.
    private bool IsInOtherFunction(IOperation operation)
    {
        for (var current = operation.Parent; current is not null && current != _function; current = current.Parent)
        {
            if (current is IAnonymousFunctionOperation { Parent: { } creation } && creation.Parent is IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { ContainingType.Name: not ("Enumerable" or "List" or "Array") } } })
                return true;
        }

        return false;
    }

    private static bool IsRunInPlace(IAnonymousFunctionOperation lambda) => lambda.Parent is IDelegateCreationOperation creation && IsArgumentRunInPlace(creation);

    // By LINQ, by a loop, or by something that starts it.
    private static bool IsArgumentRunInPlace(IDelegateCreationOperation creation) =>
        creation.Parent is IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { ContainingType: { } type, Name: var name } } }
        && (type.Name switch
        {
            "Enumerable" or "ParallelEnumerable" => true,
            "List" or "Array" => true,
            "Parallel" or "Gather" => true,
            "Task" or "TaskFactory" => name is "Run" or "StartNew",
            "ThreadPool" => name is "QueueUserWorkItem" or "UnsafeQueueUserWorkItem",
            _ => false,
        });
}
