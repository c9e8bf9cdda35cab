namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Work on a disposable that goes on when the disposable is disposed: its task is started on the resource of a using,
/// or before a Dispose, and nothing waits for it until then.
/// </summary>
internal static class DisposedResource
{
    private static readonly ImmutableHashSet<string> Waits = ["GetResult", "Join", "Read", "ReadKey", "ReadLine", "Run", "SignalAndWait", "Sleep", "Wait", "WaitAll", "WaitAny", "WaitForExit", "WaitOne", "Cancel", "Stop"];

    /// <summary>
    /// The using's local on which the dropped task works, and which is disposed as soon as the code goes on; null where
    /// there is none, or where something comes in between that may wait for the work.
    /// </summary>
    public static ILocalSymbol? OfDropped(IInvocationOperation call)
    {
        foreach (var operation in call.Descendants())
        {
            if (operation is ILocalReferenceOperation { Local: var local } mention
                && ScopeOf(local, call) is { } scope
                && IsSameFunction(scope, call)
                && WorkOn(mention) == call
                && !WaitsWhenDisposed(local, call)
                && !WaitsAfter(call, scope))
            {
                return local;
            }
        }

        return null;
    }

    /// <summary>The using that disposes the local, and runs to the end of the using's body; null where none does.</summary>
    public static IOperation? ScopeOf(ILocalSymbol local, IOperation within)
    {
        if (local.DeclaringSyntaxReferences.IsEmpty || local.Type is { IsValueType: true, Name: not "AsyncServiceScope" })
            return null;

        return VariableMentions.Of(local, within).FirstOrDefault(static mention => mention is IVariableDeclaratorOperation)?.Parent?.Parent?.Parent switch
        {
            IUsingOperation statement => statement.Body,
            IUsingDeclarationOperation { Parent: IBlockOperation block } => block,
            _ => null,
        };
    }

    /// <summary>The call that starts a task which works on what is mentioned: on it, on a part of it, with it as an argument, or in a delegate.</summary>
    public static IInvocationOperation? WorkOn(IOperation mention)
    {
        var known = KnownSymbols.Of(mention.SemanticModel!.Compilation);
        for (IOperation child = mention, current = mention.Parent!; current is not null; child = current, current = current.Parent!)
        {
            switch (current)
            {
                case IInvocationOperation call when call.Type.IsTaskOrValueTask(known) && StartedTask.Of(call, known) == call:
                    return call;
                // Only what is called on a service is the scope's work for certain.
                case IInvocationOperation call when ResolvesService(call):
                    if (!IsOwner(call))
                        return null;
                    continue;
                // A query is still to run.
                case IInvocationOperation call when IsQuery(call) && call.Arguments[0] == child:
                    continue;
                // Any other call's result is another object than what it was made of.
                case IInvocationOperation call when call.Instance != child:
                case INameOfOperation or IAwaitOperation:
                // A text or a number that was read from it before has no tie to it.
                case IInvocationOperation or IMemberReferenceOperation when current.Type is { TypeKind: TypeKind.Enum } or { SpecialType: >= SpecialType.System_Boolean and <= SpecialType.System_String } && !IsInStartedDelegate(current):
                    return null;
                case IInvocationOperation or IMemberReferenceOperation or IArgumentOperation or IConversionOperation or IParenthesizedOperation or IConditionalAccessOperation:
                case IObjectCreationOperation creation when IsDisposable(creation.Type):
                    continue;
                case IDelegateCreationOperation { Parent: IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { Name: "Run" or "StartNew" } method } start } } when method.ContainingType.Name is "Task" or "TaskFactory":
                    return StartedTask.Of(start, known) == start ? start : null;
                case IExpressionStatementOperation or IReturnOperation or IBlockOperation or IAnonymousFunctionOperation when IsInStartedDelegate(current):
                    continue;
                case IAnonymousFunctionOperation or ILocalFunctionOperation or IBlockOperation or IVariableDeclarationGroupOperation or IExpressionStatementOperation or IReturnOperation:
                    return null;
            }
        }

        return null;
    }

    /// <summary>
    /// Whether a local's value is a part of the resource, an object that was made with it, or a service of the scope that
    /// it is: what is called on the local works on the resource.
    /// </summary>
    public static bool IsBehind(IOperation value, ILocalSymbol resource)
    {
        switch (AssignedValues.Unwrap(value))
        {
            case ILocalReferenceOperation { Local: var local }:
                return SymbolEqualityComparer.Default.Equals(local, resource)
                    || (AssignedValues.Single(local, AssignedValues.Root(value)) is { } made && made.Syntax.SpanStart < value.Syntax.SpanStart && IsBehind(made, resource));
            case IMemberReferenceOperation { Instance: { } owner }:
                return IsBehind(owner, resource);
            case IInvocationOperation call when (ResolvesService(call) || IsQuery(call)) && StartedTask.ReceiverOf(call) is { } owner:
                return IsBehind(owner, resource);
            // What is made of a stream may have read it by then.
            case IObjectCreationOperation creation when !IsStream(resource.Type):
                return creation.Arguments.Any(argument => AssignedValues.Unwrap(argument.Value) is ILocalReferenceOperation { Local: var local } && SymbolEqualityComparer.Default.Equals(local, resource));
            default:
                return false;
        }
    }

    // scope.ServiceProvider.GetRequiredService<Orders>(): disposed with the scope.
    private static bool ResolvesService(IInvocationOperation call) =>
        call.TargetMethod is { Name: "GetService" or "GetRequiredService" or "GetKeyedService" or "GetRequiredKeyedService", ContainingType.Name: "ServiceProviderServiceExtensions" or "ServiceProviderKeyedServiceExtensions" or "IServiceProvider" };

    private static bool IsQuery(IInvocationOperation call) =>
        call.TargetMethod.IsExtensionMethod && call.Type is INamedTypeSymbol { Name: "IQueryable" or "IOrderedQueryable" or "IIncludableQueryable" };

    // A method or a member of it follows.
    private static bool IsOwner(IInvocationOperation service)
    {
        IOperation value = service;
        while (value.Parent is IConversionOperation or IParenthesizedOperation)
            value = value.Parent;

        return value.Parent switch
        {
            IInvocationOperation call => call.Instance == value,
            IMemberReferenceOperation => true,
            IConditionalAccessOperation access => access.Operation == value,
            _ => false,
        };
    }

    /// <summary>Whether two operations belong to one function.</summary>
    public static bool IsSameFunction(IOperation one, IOperation other) => FunctionGraph.FunctionAround(one) == FunctionGraph.FunctionAround(other);

    public static bool IsDisposable(ITypeSymbol? type) =>
        type is not null && type.AllInterfaces.Any(static one => one.SpecialType == SpecialType.System_IDisposable || one.Name == "IAsyncDisposable");

    /// <summary>Whether something between the call and the end of the scope waits, for whatever it is; to yield is no wait.</summary>
    public static bool WaitsAfter(IOperation call, IOperation scope)
    {
        foreach (var operation in scope.Descendants())
        {
            if (operation.Syntax.SpanStart < call.Syntax.Span.End)
                continue;

            if (operation is IAwaitOperation { Operation: not IInvocationOperation { TargetMethod: { Name: "Yield", ContainingType.Name: "Task" } } } or IForEachLoopOperation { IsAsynchronous: true } or IPropertyReferenceOperation { Property.Name: "Result" }
                || (operation is IInvocationOperation { TargetMethod.Name: var name } && (Waits.Contains(name) || name.EndsWith("Async", StringComparison.Ordinal))))
            {
                return true;
            }
        }

        return IsInLoop(call, scope);
    }

    // `await using` of what runs work, such as a group of tasks: its disposal may be the wait. A stream's is none.
    private static bool WaitsWhenDisposed(ILocalSymbol local, IOperation within)
    {
        if (VariableMentions.Of(local, within).FirstOrDefault(static mention => mention is IVariableDeclaratorOperation)?.Parent?.Parent?.Parent is not (IUsingOperation { IsAsynchronous: true } or IUsingDeclarationOperation { IsAsynchronous: true }))
            return false;

        return !IsStream(local.Type);
    }

    private static bool IsStream(ITypeSymbol resource)
    {
        for (var type = resource; type is not null; type = type.BaseType)
        {
            if (type is { Name: "Stream" or "TextReader" or "TextWriter", ContainingNamespace.Name: "IO" })
                return true;
        }

        return false;
    }

    private static bool IsInLoop(IOperation call, IOperation scope)
    {
        for (var current = call.Parent; current is not null && current != scope; current = current.Parent)
        {
            if (current is ILoopOperation)
                return true;
        }

        return false;
    }

    private static bool IsInStartedDelegate(IOperation operation)
    {
        for (var current = operation; current is not null; current = current.Parent)
        {
            if (current is IAnonymousFunctionOperation lambda)
                return lambda.Parent is IDelegateCreationOperation { Parent: IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { Name: "Run" or "StartNew", ContainingType.Name: "Task" or "TaskFactory" } } } };
        }

        return false;
    }
}
