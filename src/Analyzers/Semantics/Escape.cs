namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Where an object can be when the call that made it is over.</summary>
internal enum Reach
{
    /// <summary>Nobody has it: it was used in the call, and nowhere else.</summary>
    Stays,

    /// <summary>It was given to code that isn't seen here, and that may or may not have kept it.</summary>
    PassedOn,

    /// <summary>Somebody has it: a caller, a field, a collection or owner that outlives the call, a delegate that does.</summary>
    Leaves,
}

/// <summary>
/// Follows an object from the operation that makes it, through locals, conversions, owners (what is constructed from
/// it), collections, local functions and the delegates that capture it, and tells how far it gets. The function that
/// the operation stands in is the call; a lambda's result goes to whoever runs the lambda, and so leaves.
/// </summary>
internal sealed partial class Escape
{
    private readonly IOperation _creation;
    private readonly Queue<IOperation> _values = new();
    private readonly HashSet<ISymbol> _carriers = new(SymbolEqualityComparer.Default);
    private IReadOnlyList<IOperation>? _references;
    private Reach _reach;

    private Escape(IOperation creation) => _creation = creation;

    public static Reach Of(IOperation creation)
    {
        var escape = new Escape(creation);
        escape._values.Enqueue(creation);
        while (escape._values.Count > 0 && escape._reach != Reach.Leaves)
            escape.Follow(escape._values.Dequeue());

        return escape._reach;
    }

    // `value` holds the object: it is the object, or something through which the object can be had.
    private void Follow(IOperation value)
    {
        switch (value.Parent)
        {
            case null:
            case IReturnOperation:
            case IThrowOperation:
            case IFieldInitializerOperation or IPropertyInitializerOperation or IParameterInitializerOperation:
                _reach = Reach.Leaves;
                break;
            case IConversionOperation or IParenthesizedOperation or ICoalesceOperation or ISwitchExpressionArmOperation or ISwitchExpressionOperation
                or ITupleOperation or IArrayInitializerOperation or IArrayCreationOperation or ICollectionExpressionOperation or ISpreadOperation
                or IDelegateCreationOperation or IAnonymousObjectCreationOperation or IWithOperation:
                _values.Enqueue(value.Parent);
                break;
            case IConditionalOperation conditional:
                if (conditional.Condition != value)
                    _values.Enqueue(conditional);
                break;
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator }:
                Carry(declarator.Symbol);
                break;
            case IAssignmentOperation assignment:
                if (assignment.Value == value)
                {
                    Store(assignment.Target);
                    _values.Enqueue(assignment);
                }

                break;
            case IArgumentOperation argument:
                Pass(argument);
                break;
            case IInvocationOperation invocation when invocation.Instance == value:
                if (invocation.TargetMethod.MethodKind != MethodKind.DelegateInvoke && HandsOn(invocation))
                    _values.Enqueue(invocation);
                break;
            case IPropertyReferenceOperation { Property: { Name: "Token", ContainingType.Name: "CancellationTokenSource" } }:
                // Who has the token alone can't get at the source.
                break;
            case IPropertyReferenceOperation or IFieldReferenceOperation or IArrayElementReferenceOperation:
                if (CanHold(value.Parent.Type) && !IsWritten(value.Parent))
                    _values.Enqueue(value.Parent);
                break;
            case IMethodReferenceOperation methodGroup:
                _values.Enqueue(methodGroup);
                break;
            case IConditionalAccessOperation access:
                if (access.WhenNotNull is IPropertyReferenceOperation && CanHold(access.Type))
                    _values.Enqueue(access);
                break;
            case IForEachLoopOperation loop:
                foreach (var local in loop.Locals)
                    Carry(local);
                break;
            case IEventAssignmentOperation { EventReference: IEventReferenceOperation { Instance: { } owner } }:
                StoreIn(owner);
                break;
            case IAwaitOperation or IExpressionStatementOperation or IUsingOperation or IBinaryOperation or IUnaryOperation or IIsTypeOperation
                or IIsPatternOperation or ISwitchOperation or ILockOperation or IInterpolationOperation or INameOfOperation or IDiscardOperation
                or IEventReferenceOperation or IBlockOperation or IObjectOrCollectionInitializerOperation:
                break;
            default:
                // What is not understood may do anything.
                _reach = Reach.Leaves;
                break;
        }
    }

    // An object of its own is followed like a local; anything else outlives the call.
    private void Store(IOperation target)
    {
        switch (target)
        {
            case IDiscardOperation:
                break;
            case ILocalReferenceOperation { Local.RefKind: RefKind.None } local:
                Carry(local.Local);
                break;
            case IParameterReferenceOperation { Parameter.RefKind: RefKind.None } parameter:
                Carry(parameter.Parameter);
                break;
            case IFieldReferenceOperation { Instance: { } owner }:
                StoreIn(owner);
                break;
            case IPropertyReferenceOperation { Instance: { } owner }:
                StoreIn(owner);
                break;
            case IArrayElementReferenceOperation element:
                StoreIn(element.ArrayReference);
                break;
            default:
                _reach = Reach.Leaves;
                break;
        }
    }

    private void StoreIn(IOperation owner)
    {
        switch (owner)
        {
            case ILocalReferenceOperation local:
                Carry(local.Local);
                break;
            case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ImplicitReceiver } when InitializedObject(owner) is { } initialized:
                _values.Enqueue(initialized);
                break;
            case IPropertyReferenceOperation { Instance: { } outer }:
                StoreIn(outer);
                break;
            case IFieldReferenceOperation { Instance: { } outer }:
                StoreIn(outer);
                break;
            default:
                _reach = Reach.Leaves;
                break;
        }
    }

    private void Carry(ISymbol variable)
    {
        if (!_carriers.Add(variable))
            return;

        if (variable is ILocalSymbol { RefKind: not RefKind.None })
        {
            _reach = Reach.Leaves;
            return;
        }

        foreach (var reference in References())
        {
            if (!SymbolEqualityComparer.Default.Equals(SymbolOf(reference), variable))
                continue;

            if (!IsWritten(reference))
                _values.Enqueue(reference);

            Capture(reference, variable);
        }
    }

    // A delegate that uses the variable carries the object wherever it goes.
    private void Capture(IOperation reference, ISymbol variable)
    {
        for (var current = reference.Parent; current is not null; current = current.Parent)
        {
            switch (current)
            {
                case IAnonymousFunctionOperation lambda:
                    if (SymbolEqualityComparer.Default.Equals(lambda.Symbol, variable.ContainingSymbol))
                        return;

                    _values.Enqueue(lambda);
                    break;
                case ILocalFunctionOperation localFunction:
                    if (SymbolEqualityComparer.Default.Equals(localFunction.Symbol, variable.ContainingSymbol))
                        return;

                    Carry(localFunction.Symbol);
                    break;
            }
        }
    }

    private void Reached(Reach reach)
    {
        if (reach > _reach)
            _reach = reach;
    }

    private static bool IsWritten(IOperation reference) =>
        (reference.Parent is IAssignmentOperation assignment && assignment.Target == reference && assignment is not ICoalesceAssignmentOperation)
        || (reference.Parent is IArgumentOperation { Parameter.RefKind: RefKind.Out });

    private IReadOnlyList<IOperation> References() => _references ??=
        [.. Root().Descendants().Where(static operation => operation is ILocalReferenceOperation or IParameterReferenceOperation or IMethodReferenceOperation { Method.MethodKind: MethodKind.LocalFunction })];

    private IOperation Root()
    {
        var root = _creation;
        while (root.Parent is { } parent)
            root = parent;

        return root;
    }

    private static ISymbol? SymbolOf(IOperation reference) => reference switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IMethodReferenceOperation methodGroup => methodGroup.Method.OriginalDefinition,
        _ => null,
    };

    private static IOperation? InitializedObject(IOperation implicitReceiver)
    {
        for (var current = implicitReceiver.Parent; current is not null; current = current.Parent)
        {
            if (current is IObjectOrCollectionInitializerOperation { Parent: IObjectCreationOperation or IWithOperation or ITypeParameterObjectCreationOperation } initializer)
                return initializer.Parent;
        }

        return null;
    }
}
