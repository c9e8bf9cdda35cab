namespace ConcurrencyAnalyzers.Rules.Lifetime;

/// <summary>The objects that do their work only when calls share them, and what is lost when they don't.</summary>
internal sealed class SharedObjects
{
    private const string LimitsOneCall = "it limits that one call alone";
    private const string CountsOneCall = "it never sees the failures of other calls";
    private const string SetUpAgain = "it is set up again each time, and any breaker or limit in it sees that one call alone";

    private readonly KnownSymbols _known;
    private readonly Dictionary<INamedTypeSymbol, string> _consequences = new(SymbolEqualityComparer.Default);

    public SharedObjects(KnownSymbols known)
    {
        _known = known;
        Add(LimitsOneCall, known.AsyncExecutor, known.ThreadExecutor, known.ProcessExecutor, known.RateLimiter, known.PartitionedRateLimiterOfT, known.ConcurrentExclusiveSchedulerPair, known.TaskScheduler);
        Add(CountsOneCall, known.CircuitBreaker);
        Add(SetUpAgain, known.ResiliencePolicy);
    }

    /// <summary>Whether some of them are made by methods rather than constructors in this compilation.</summary>
    public bool HasFactories => _known.PartitionedRateLimiter is not null || _known.ResiliencePipelineBuilder is not null || _known.PollyPolicy is not null;

    /// <summary>For an operation that makes such an object, what is lost when each call makes its own; otherwise null.</summary>
    public string? Consequence(IOperation operation) => operation switch
    {
        IObjectCreationOperation { Type: INamedTypeSymbol type } => OfType(type),
        IInvocationOperation invocation => OfFactory(invocation.TargetMethod),
        _ => null,
    };

    private string? OfType(INamedTypeSymbol created)
    {
        for (var type = created; type is { TypeKind: TypeKind.Class, SpecialType: SpecialType.None }; type = type.BaseType)
        {
            if (_consequences.TryGetValue(type.OriginalDefinition, out var consequence))
                return consequence;
        }

        return null;
    }

    private string? OfFactory(IMethodSymbol method) => method.Name switch
    {
        "Create" or "CreateChained" when Is(method.ContainingType, _known.PartitionedRateLimiter) || Is(method.ContainingType, _known.RateLimiter) => LimitsOneCall,
        "Build" when Is(method.ContainingType, _known.ResiliencePipelineBuilder) || Is(method.ContainingType, _known.ResiliencePipelineBuilderOfT) => SetUpAgain,
        "Bulkhead" or "BulkheadAsync" or "RateLimit" or "RateLimitAsync" when IsOfPolly(method) => LimitsOneCall,
        "CircuitBreaker" or "CircuitBreakerAsync" or "AdvancedCircuitBreaker" or "AdvancedCircuitBreakerAsync" when IsOfPolly(method) => CountsOneCall,
        _ => null,
    };

    // Policy.BulkheadAsync(…), and the extensions behind Policy.Handle<E>(), which are many classes of one namespace.
    private bool IsOfPolly(IMethodSymbol method) =>
        _known.PollyPolicy is { } policy && method.IsStatic
        && SymbolEqualityComparer.Default.Equals(method.ContainingNamespace, policy.ContainingNamespace);

    private void Add(string consequence, params INamedTypeSymbol?[] types)
    {
        foreach (var type in types)
        {
            if (type is not null)
                _consequences[type] = consequence;
        }
    }

    private static bool Is(INamedTypeSymbol type, INamedTypeSymbol? known) =>
        known is not null && SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, known);
}
