namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// A using, try or lock around a task that a function returns without awaiting it: what the scope is to do (dispose,
/// catch, clean up, exclude) is done when the task is returned, and the work goes on.
/// </summary>
internal readonly struct OutlivedScope(IOperation scope, string effect)
{
    private static readonly ImmutableHashSet<string> AmbientScopes = ["BeginScope", "PushProperty", "PushProperties", "SuppressFlow", "SuppressInstrumentation"];
    private static readonly string[] AmbientNames = ["SynchronizationContext", "Suppress", "ExecutionContext", "NoContext", "Culture", "LogContext"];
    private static readonly ImmutableHashSet<string> FaultMakers = ["FromException", "FromCanceled", "SetException", "TrySetException", "SetCanceled", "TrySetCanceled", "SetResult", "TrySetResult"];

    public IOperation Scope { get; } = scope;

    /// <summary>What has happened by the time that the task goes on, for the message.</summary>
    public string Effect { get; } = effect;

    /// <summary>The innermost such scope around the return; null where there is none that matters to the task.</summary>
    public static OutlivedScope? Of(IReturnOperation returned, IInvocationOperation call)
    {
        for (IOperation child = returned, current = returned.Parent!; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); child = current, current = current.Parent!)
        {
            switch (current)
            {
                case ILockOperation locking when child == locking.Body && IsAllOf(locking.Body, returned, call):
                    return new(current, "the lock is free again");
                case IUsingOperation statement when child == statement.Body && OfResources(statement.Resources, statement.Body, call) is { } effect:
                    return new(current, effect);
                case IBlockOperation block:
                    foreach (var earlier in block.Operations)
                    {
                        if (earlier == child)
                            break;

                        if (earlier is IUsingDeclarationOperation declaration && OfResources(declaration.DeclarationGroup, block, call) is { } disposed)
                            return new(declaration, disposed);
                    }

                    break;
                case ITryOperation attempt when child == attempt.Body && OfTry(attempt) is { } handled:
                    return new(attempt, handled);
            }
        }

        return null;
    }

    // Among other statements, the lock is for those; alone, the call is what it is meant to guard.
    private static bool IsAllOf(IOperation body, IReturnOperation returned, IInvocationOperation call) =>
        (body == returned || body is IBlockOperation { Operations: [var only] } && only == returned)
        && returned.ReturnedValue is { } value && AssignedValues.Unwrap(value) == call
        && call.TargetMethod.Name is not ("WhenAll" or "WhenAny");

    // A resource that the task works on, or one that only marks how long something lasts.
    private static string? OfResources(IOperation resources, IOperation body, IInvocationOperation call)
    {
        if (resources is not IVariableDeclarationGroupOperation group)
            return IsAmbient(resources) ? null : "the using is over";

        foreach (var declarator in group.Declarations.SelectMany(static declaration => declaration.Declarators))
        {
            if (declarator.Initializer is { Value: var value } && IsAmbient(value))
                continue;

            if (IsUsedBy(call, declarator.Symbol))
                return $"'{declarator.Symbol.Name}' is disposed";

            if (!body.Descendants().Any(operation => operation is ILocalReferenceOperation mention && SymbolEqualityComparer.Default.Equals(mention.Local, declarator.Symbol)))
                return "the using is over";
        }

        return null;
    }

    // Also through a local that holds a part of it, a disposable that was made with it, or one whose method is called.
    private static bool IsUsedBy(IInvocationOperation work, ILocalSymbol resource)
    {
        foreach (var operation in work.DescendantsAndSelf())
        {
            if (operation is not ILocalReferenceOperation { Local: var local } || operation.Parent is INameOfOperation)
                continue;

            if (SymbolEqualityComparer.Default.Equals(local, resource))
            {
                // Of what a call made of it, as in SaveAsync(document.GetText()), the task keeps nothing.
                if (DisposedResource.WorkOn(operation) is not null || operation.Type.IsTaskOrValueTask(KnownSymbols.Of(operation.SemanticModel!.Compilation)))
                    return true;

                continue;
            }

            if (AssignedValues.Single(local, AssignedValues.Root(work)) is not { } made)
                continue;

            if (local.Type.IsReferenceType && DisposedResource.IsDisposable(local.Type) && made is IObjectCreationOperation or IMemberReferenceOperation && IsMentioned(made, resource))
                return true;

            if ((AssignedValues.Unwrap(StartedTask.ReceiverOf(work) ?? work) == operation || operation.Type?.Name == "CancellationToken") && DisposedResource.IsBehind(made, resource))
                return true;
        }

        return false;
    }

    private static bool IsMentioned(IOperation value, ILocalSymbol resource) =>
        value.Descendants().Any(operation => operation is ILocalReferenceOperation mention && SymbolEqualityComparer.Default.Equals(mention.Local, resource));

    // What flows with the execution context (or stops it from flowing) is with the task already.
    private static bool IsAmbient(IOperation resource)
    {
        resource = AssignedValues.Unwrap(resource);
        if (resource is IConditionalAccessOperation { WhenNotNull: var call })
            resource = call;

        if (resource is IInvocationOperation { TargetMethod: var method })
            return AmbientScopes.Contains(method.Name) || IsAmbientName(method.Name) || IsAmbientName(method.ContainingType.Name);

        return IsAmbientName(resource.Type?.Name ?? "");
    }

    private static bool IsAmbientName(string name) => Array.Exists(AmbientNames, part => name.IndexOf(part, StringComparison.Ordinal) >= 0);

    private static string? OfTry(ITryOperation attempt)
    {
        if (!attempt.Catches.IsEmpty && !attempt.Catches.Any(static clause => MakesFault(clause) || TakesBack(clause)))
            return attempt.Finally is null ? "no exception of it gets to the catch" : "the finally has run, and no exception of it gets to the catch";

        return attempt.Finally is { } cleanUp && !Restores(cleanUp) && !IsHandedOver(cleanUp, attempt.Body) ? "the finally has run" : null;
    }

    // catch (Exception e) { return Task.FromException(e); } is for what is thrown before there is a task; so is any
    // method that makes a task of the exception.
    private static bool MakesFault(ICatchClauseOperation clause) =>
        clause.Handler.Descendants().Any(operation => operation is IInvocationOperation { TargetMethod.Name: var name } call
            && (FaultMakers.Contains(name) || (IsReturned(call) && call.Arguments.Any(argument => clause.Locals.Any(local => IsMentioned(argument, local))))));

    // catch { buffer.Dispose(); throw; } is for what is thrown before the task has taken the buffer over.
    private static bool TakesBack(ICatchClauseOperation clause) =>
        clause.Handler.Operations.LastOrDefault() is IThrowOperation { Exception: null } or IExpressionStatementOperation { Operation: IThrowOperation { Exception: null } }
        && clause.Handler.Descendants().Any(static operation => operation is IInvocationOperation { TargetMethod.Name: var name } && Disposal.EndsLife(name));

    // finally { if (dispose) x.Dispose(); } after `dispose = false` in the try: the task does it.
    private static bool IsHandedOver(IBlockOperation cleanUp, IBlockOperation body) => cleanUp.Operations.All(statement =>
        statement is IConditionalOperation { Condition: var condition }
        && condition.DescendantsAndSelf().Any(operation => operation is ILocalReferenceOperation { Local: var flag }
            && body.Descendants().Any(one => one is ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } && SymbolEqualityComparer.Default.Equals(target.Local, flag))));

    private static bool IsReturned(IOperation call) => AwaitedValue.Whole(call).Parent is IReturnOperation;

    // finally { flow.Undo(); Current = previous; SynchronizationContext.SetSynchronizationContext(previous); }
    private static bool Restores(IBlockOperation cleanUp) => cleanUp.Operations.All(IsRestoration);

    private static bool IsRestoration(IOperation statement) => statement switch
    {
        IBlockOperation block => Restores(block),
        IConditionalOperation conditional => IsRestoration(conditional.WhenTrue) && (conditional.WhenFalse is null || IsRestoration(conditional.WhenFalse)),
        IExpressionStatementOperation { Operation: IAssignmentOperation { Target: IPropertyReferenceOperation { Instance: null } or IPropertyReferenceOperation { Property: { Name: "Value", ContainingType.Name: "AsyncLocal" or "ThreadLocal" } } or IFieldReferenceOperation { Field.IsStatic: true } } } => true,
        IExpressionStatementOperation { Operation: IInvocationOperation { TargetMethod.Name: var name } } => name is "Undo" or "SetSynchronizationContext" || name.StartsWith("Restore", StringComparison.Ordinal),
        _ => false,
    };
}
