namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Calls that hand out a task which their caller has to see to. A task that comes out of a store, that is complete from
/// the start, or that an object returns as itself, is no such task.
/// </summary>
internal static class StartedTask
{
    private static readonly ImmutableHashSet<string> Completed = ["FromResult", "FromException", "FromCanceled"];

    /// <summary>The call that starts the task which is the value; where the value has branches, of the first that starts one.</summary>
    public static IInvocationOperation? Of(IOperation? value, KnownSymbols known)
    {
        switch (value)
        {
            case IInvocationOperation invocation:
                return Of(invocation, known);
            case IConditionalAccessOperation access:
                return Of(access.WhenNotNull, known);
            case IConversionOperation { OperatorMethod: null } conversion:
                return Of(conversion.Operand, known);
            case IParenthesizedOperation parenthesized:
                return Of(parenthesized.Operand, known);
            case ICoalesceOperation coalesce:
                return Of(coalesce.Value, known) ?? Of(coalesce.WhenNull, known);
            case IConditionalOperation conditional:
                return Of(conditional.WhenTrue, known) ?? Of(conditional.WhenFalse, known);
            case ISwitchExpressionOperation choice:
                foreach (var arm in choice.Arms)
                {
                    if (Of(arm.Value, known) is { } call)
                        return call;
                }

                return null;
            default:
                return null;
        }
    }

    /// <summary>The object that a method is called on, also by an extension method.</summary>
    public static IOperation? ReceiverOf(IInvocationOperation invocation) =>
        invocation.Instance ?? (invocation.TargetMethod.IsExtensionMethod && invocation.Arguments.Length > 0 ? invocation.Arguments[0].Value : null);

    /// <summary>What the user called: the method, or the delegate's own name.</summary>
    public static string NameOf(IInvocationOperation call) => call switch
    {
        { TargetMethod.MethodKind: not MethodKind.DelegateInvoke } => call.TargetMethod.Name,
        { Instance: ILocalReferenceOperation local } => local.Local.Name,
        { Instance: IParameterReferenceOperation parameter } => parameter.Parameter.Name,
        { Instance: IMemberReferenceOperation member } => member.Member.Name,
        _ => call.TargetMethod.Name,
    };

    private static IInvocationOperation? Of(IInvocationOperation call, KnownSymbols known)
    {
        var method = call.TargetMethod;
        if (method.ReturnsVoid)
            return null;

        // The same task in another form.
        if (method.Name is "ConfigureAwait" or "AsTask" or "Preserve" or "Unwrap" && ReceiverOf(call) is { } inner && inner.Type.IsTaskOrValueTask(known))
            return Of(inner, known);

        if (!call.Type.IsTaskOrValueTask(known))
            return null;

        var isOfTask = method.ContainingType.IsTaskOrValueTask(known);
        if (isOfTask && Completed.Contains(method.Name))
            return null;

        // What a continuation does with faults is a question of its own.
        if (isOfTask && method.Name == "ContinueWith")
            return null;

        return IsFluent(call, known) || IsTakenFromStore(method) ? null : call;
    }

    // A class derived from Task whose methods return the object itself.
    private static bool IsFluent(IInvocationOperation call, KnownSymbols known) =>
        ReceiverOf(call) is { Type: INamedTypeSymbol receiver }
        && SymbolEqualityComparer.Default.Equals(receiver, call.Type)
        && !receiver.IsValueTask(known)
        && receiver.BaseType.IsTask(known)
        && !SymbolEqualityComparer.Default.Equals(receiver.OriginalDefinition, known.TaskOfT);

    // Interlocked.Exchange, Dictionary.GetOrAdd, Queue.Dequeue: what returns any T that it was given starts nothing,
    // unless it is a function that calls the function it is given.
    private static bool IsTakenFromStore(IMethodSymbol method)
    {
        if (method.MethodKind == MethodKind.DelegateInvoke || method.OriginalDefinition.ReturnType is not ITypeParameterSymbol result)
            return false;

        return result.TypeParameterKind != TypeParameterKind.Method
            || method.OriginalDefinition.Parameters.Any(static parameter => parameter.RefKind != RefKind.None)
            || !method.OriginalDefinition.Parameters.Any(parameter => parameter.Type is INamedTypeSymbol { DelegateInvokeMethod: { } invoke } && SymbolEqualityComparer.Default.Equals(invoke.ReturnType, result));
    }
}
