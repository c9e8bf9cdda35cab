namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The delegate that a local holds and never anything else: <c>Action wait = …; wait();</c></summary>
internal static class HeldDelegate
{
    /// <summary>What the call of a local runs; null where the call is another, or may run something else.</summary>
    public static IDelegateCreationOperation? Of(IInvocationOperation call)
    {
        if (call is not { TargetMethod.MethodKind: MethodKind.DelegateInvoke, Instance: ILocalReferenceOperation { Local: var local } })
            return null;

        IDelegateCreationOperation? held = null;
        foreach (var mention in VariableMentions.Of(local, call))
        {
            var value = mention switch
            {
                IVariableDeclaratorOperation declarator => declarator.GetVariableInitializer()?.Value,
                { Parent: ISimpleAssignmentOperation assignment } when assignment.Target == mention => assignment.Value,
                _ => null,
            };
            if (value is null && !IsWritten(mention))
                continue;

            if (held is not null || AssignedValues.UnwrapOrNull(value) is not IDelegateCreationOperation creation)
                return null;

            held = creation;
        }

        return held;
    }

    private static bool IsWritten(IOperation mention) => mention switch
    {
        IVariableDeclaratorOperation declarator => declarator.Parent is not IVariableDeclarationOperation,
        _ => mention.Parent is ICompoundAssignmentOperation or IEventAssignmentOperation or ICoalesceAssignmentOperation or ITupleOperation or IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out },
    };
}
