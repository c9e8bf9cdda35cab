using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>A loop with no end of its own whose every turn waits, on its thread, for something to arrive: a connection, a request, a line of input.</summary>
internal static class EndlessWait
{
    private static readonly ImmutableHashSet<string> Arrivals =
        ["AcceptSocket", "AcceptTcpClient", "GetContext", "ReadKey", "ReadLine", "Receive", "ReceiveFrom", "WaitForConnection"];

    /// <summary>The call that waits, in a function's own code; null where there is no such loop.</summary>
    public static IInvocationOperation? In(IOperation function)
    {
        foreach (var operation in OwnOperations.Of(function is IAnonymousFunctionOperation lambda ? lambda.Body : function))
        {
            if (operation is IInvocationOperation call && Arrivals.Contains(call.TargetMethod.Name) && IsOfFramework(call.TargetMethod.ContainingType) && IsInEndlessLoop(call))
                return call;
        }

        return null;
    }

    private static bool IsInEndlessLoop(IOperation call)
    {
        for (var current = call.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            var condition = current switch
            {
                IWhileLoopOperation loop => loop.Condition,
                IForLoopOperation loop => loop.Condition,
                _ => null,
            };
            if (current is IWhileLoopOperation or IForLoopOperation && IsEndless(condition))
                return true;
        }

        return false;
    }

    // true, nothing, !token.IsCancellationRequested
    private static bool IsEndless(IOperation? condition) =>
        condition is null
        || condition.ConstantValue is { HasValue: true, Value: true }
        || condition is IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, Operand: IPropertyReferenceOperation { Property.Name: "IsCancellationRequested" } };

    private static bool IsOfFramework(INamedTypeSymbol type)
    {
        var space = type.ContainingNamespace;
        while (space is { ContainingNamespace: { IsGlobalNamespace: false } outer })
            space = outer;

        return space?.Name == "System";
    }
}
