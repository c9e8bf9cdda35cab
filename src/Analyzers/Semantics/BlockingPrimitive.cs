using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// A call that holds its thread until another thread, a process or the rest of a parallel loop lets it go on: the
/// framework's waits other than those for tasks.
/// </summary>
internal readonly struct BlockingPrimitive(string name, string advice, string? asyncName = null)
{
    /// <summary>As a message names it, such as <c>SemaphoreSlim.Wait</c>.</summary>
    public string Name { get; } = name;

    /// <summary>What to do instead in async code.</summary>
    public string Advice { get; } = advice;

    /// <summary>The method that does the same without a thread; null where there is none.</summary>
    public string? AsyncName { get; } = asyncName;

    /// <summary>Null where the call doesn't block: it is another method, or is given no time to wait.</summary>
    public static BlockingPrimitive? Of(IInvocationOperation call, KnownSymbols known)
    {
        var method = call.TargetMethod;
        BlockingPrimitive? found = method.Name switch
        {
            "Add" when Is(method.ContainingType, known.BlockingCollection) && IsBounded(call.Instance) => new("BlockingCollection.Add", "write to a Channel instead"),
            "WaitForExit" when IsFlush(call) => null,
            "For" or "ForEach" or "Invoke" when Is(method.ContainingType, known.Parallel) && !TakesAsyncDelegate(call) => OfParallel(method),
            _ => Of(method, known),
        };
        return found is null || (found.Value.AsyncName is not ("ForEachAsync" or "ForAsync") && ZeroTimeout.IsGiven(call, known)) ? null : found;
    }

    /// <summary>Null where the method doesn't block, or only with certain arguments.</summary>
    public static BlockingPrimitive? Of(IMethodSymbol method, KnownSymbols known)
    {
        var type = method.ContainingType;
        return method.Name switch
        {
            "Wait" when Is(type, known.SemaphoreSlim) => new("SemaphoreSlim.Wait", "await WaitAsync instead", "WaitAsync"),
            "Wait" when Is(type, known.ManualResetEventSlim) => new("ManualResetEventSlim.Wait", "await a TaskCompletionSource's task instead"),
            "Wait" when Is(type, known.CountdownEvent) => new("CountdownEvent.Wait", "await the tasks that it counts instead"),
            "Wait" when Is(type, known.Monitor) => new("Monitor.Wait", "await a SemaphoreSlim or a TaskCompletionSource's task instead"),
            "WaitOne" or "WaitAll" or "WaitAny" when Is(type, known.WaitHandle) => new("WaitHandle." + method.Name, "await a SemaphoreSlim or a TaskCompletionSource's task instead"),
            "SignalAndWait" when Is(type, known.WaitHandle) || Is(type, known.Barrier) => new(type.Name + ".SignalAndWait", "await the tasks of each phase with Task.WhenAll instead"),
            "Take" or "GetConsumingEnumerable" when Is(type, known.BlockingCollection) => new("BlockingCollection." + method.Name, "read from a Channel instead"),
            "TryTake" when method.Parameters.Length > 1 && Is(type, known.BlockingCollection) => new("BlockingCollection.TryTake", "read from a Channel instead"),
            "Join" when Is(type, known.Thread) => new("Thread.Join", "await the work's task instead"),
            "WaitForExit" when Is(type, known.Process) => new("Process.WaitForExit", "await WaitForExitAsync instead", method.Parameters.IsEmpty ? "WaitForExitAsync" : null),
            _ => null,
        };
    }

    private static BlockingPrimitive OfParallel(IMethodSymbol method) => method.Name switch
    {
        "ForEach" => new("Parallel.ForEach", "await Parallel.ForEachAsync instead", "ForEachAsync"),
        "For" => new("Parallel.For", "await Parallel.ForAsync instead", "ForAsync"),
        _ => new("Parallel.Invoke", "await Task.WhenAll instead"),
    };

    private static bool Is(INamedTypeSymbol type, INamedTypeSymbol? known) =>
        known is not null && SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, known);

    // What a parallel loop does with an async delegate is a question of its own.
    private static bool TakesAsyncDelegate(IInvocationOperation call) => call.Syntax is InvocationExpressionSyntax { ArgumentList.Arguments: var arguments }
        && arguments.Any(static argument => argument.Expression is AnonymousFunctionExpressionSyntax { AsyncKeyword.RawKind: not 0 });

    // Behind an awaited exit, it waits for the last of the output.
    private static bool IsFlush(IInvocationOperation call)
    {
        if (!call.Arguments.IsEmpty)
            return false;

        var function = call.Syntax.Ancestors().FirstOrDefault(static node => node is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or MemberDeclarationSyntax and not GlobalStatementSyntax or CompilationUnitSyntax);
        return function?.DescendantTokens().Any(static token => token.ValueText is "WaitForExitAsync" or "Exited") == true;
    }

    // Only a collection with a capacity ever makes Add wait; where it is made must be in sight.
    private static bool IsBounded(IOperation? collection)
    {
        var creation = collection switch
        {
            ILocalReferenceOperation local => AssignedValues.Single(local.Local, AssignedValues.Root(local))?.Syntax,
            IFieldReferenceOperation { Field: { IsReadOnly: true, DeclaringSyntaxReferences: [var declaration] } } => (declaration.GetSyntax() as VariableDeclaratorSyntax)?.Initializer?.Value,
            IPropertyReferenceOperation { Property: { SetMethod: null, DeclaringSyntaxReferences: [var declaration] } } => (declaration.GetSyntax() as PropertyDeclarationSyntax)?.Initializer?.Value,
            _ => null,
        };
        return creation is BaseObjectCreationExpressionSyntax { ArgumentList.Arguments: [.., { Expression: var capacity }] }
            && (capacity is LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NumericLiteralExpression } || capacity.ToString().IndexOf("capacity", StringComparison.OrdinalIgnoreCase) >= 0);
    }
}
