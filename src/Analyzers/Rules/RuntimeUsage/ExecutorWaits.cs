using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.RuntimeUsage;

/// <summary>Finds the places where work waits for its own executor, in itself or in the functions of the compilation that it calls.</summary>
internal sealed class ExecutorWaits(ISymbol executor, KnownSymbols known, CancellationToken cancellationToken)
{
    private const int MaxDepth = 5;
    private const int MaxFunctions = 32;

    private readonly HashSet<IMethodSymbol> _visited = new(SymbolEqualityComparer.Default);

    /// <summary>The waits in a lambda, or the mention of a method or the call through which the work comes to one.</summary>
    public IEnumerable<IOperation> In(IOperation code) => code switch
    {
        IAnonymousFunctionOperation lambda => InBody(lambda.Body, 0),
        IMethodReferenceOperation reference => WaitsIn(reference.Method, reference, 0) ? [reference] : [],
        _ => [],
    };

    private IEnumerable<IOperation> InBody(IOperation body, int depth)
    {
        foreach (var operation in OwnOperations.Of(body))
        {
            if (operation is not IInvocationOperation call)
                continue;

            if (IsOnExecutor(call))
            {
                if (IsWaitedFor(call, body))
                    yield return call;
            }
            else if (depth < MaxDepth && !call.TargetMethod.DeclaringSyntaxReferences.IsEmpty
                && call.Instance is null or IInstanceReferenceOperation
                && (!call.Type.IsTaskOrValueTask(known) || IsWaitedFor(call, body))
                && WaitsIn(call.TargetMethod, call, depth + 1))
            {
                yield return call;
            }
        }
    }

    private bool WaitsIn(IMethodSymbol method, IOperation from, int depth)
    {
        // In another method, a local or parameter is another variable.
        var isLocal = method.MethodKind == MethodKind.LocalFunction;
        if (_visited.Count >= MaxFunctions || !_visited.Add(method.OriginalDefinition)
            || method.IsVirtual || method.IsOverride
            || (!isLocal && executor is ILocalSymbol or IParameterSymbol)
            || from is IMethodReferenceOperation { Instance: not (null or IInstanceReferenceOperation) }
            || from.SemanticModel is not { } model)
        {
            return false;
        }

        cancellationToken.ThrowIfCancellationRequested();
        var body = isLocal
            ? AssignedValues.Root(from).Descendants().OfType<ILocalFunctionOperation>().FirstOrDefault(one => SymbolEqualityComparer.Default.Equals(one.Symbol, method.OriginalDefinition))?.Body
            : MethodBodies.Of(method, model, cancellationToken);
        return body is not null && InBody(body, depth).Any();
    }

    private bool IsOnExecutor(IInvocationOperation call) =>
        (ExecutorWork.IsSubmission(call, known) || (call.TargetMethod.Name is "ShutdownAsync" or "DisposeAsync" && ExecutorWork.IsExecutor(call.Instance?.Type, known)))
        && SymbolEqualityComparer.Default.Equals(ExecutorWork.VariableOf(call.Instance), executor);

    // Awaited, blocked on or returned; directly, through WhenAll, or through a local.
    private static bool IsWaitedFor(IInvocationOperation call, IOperation body)
    {
        for (IOperation? child = call, parent = call.Parent; parent is not null && parent != body.Parent; child = parent, parent = parent.Parent)
        {
            if (IsWait(parent) || (parent is IForEachLoopOperation { IsAsynchronous: true } loop && loop.Collection == child))
                return true;

            switch (parent)
            {
                case IVariableDeclaratorOperation { Symbol: var task }:
                    return AssignedValues.References(task, body).Any(IsJoined);
                case IInvocationOperation { TargetMethod.Name: "Observe" or "ContinueWith" } or IExpressionStatementOperation or IAnonymousFunctionOperation or IBlockOperation:
                    return false;
            }
        }

        return false;
    }

    private static bool IsJoined(IOperation mention)
    {
        for (var current = mention.Parent; current is not null and not IBlockOperation; current = current.Parent)
        {
            if (IsWait(current))
                return true;
        }

        return false;
    }

    private static bool IsWait(IOperation operation) =>
        operation is IAwaitOperation or IReturnOperation or IPropertyReferenceOperation { Property.Name: "Result" } or IInvocationOperation { TargetMethod.Name: "Wait" or "WaitAll" or "GetResult" };
}
