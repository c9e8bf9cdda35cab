using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers;

/// <summary>
/// The types that rules ask for, by their metadata names, which stand nowhere else. Each is looked up once a
/// compilation, when it is first asked for; null where the compilation doesn't have it.
/// </summary>
internal sealed class KnownSymbols
{
    private static readonly ConditionalWeakTable<Compilation, KnownSymbols> Cache = new();

    private readonly ConcurrentDictionary<string, INamedTypeSymbol?> _types = new(ByReference.Instance);
    private readonly Func<string, INamedTypeSymbol?> _resolve;

    private KnownSymbols(Compilation compilation) => _resolve = name => Resolve(compilation, name);

    public INamedTypeSymbol? AggregateException => Type("System.AggregateException");
    public INamedTypeSymbol? ApplicationBuilder => Type("Microsoft.AspNetCore.Builder.IApplicationBuilder");
    public INamedTypeSymbol? AsyncEnumerable => Type("System.Collections.Generic.IAsyncEnumerable`1");
    public INamedTypeSymbol? AsyncExecutor => Type("ConcurrencyAnalyzers.Runtime.AsyncExecutor");
    public INamedTypeSymbol? AsyncLocal => Type("System.Threading.AsyncLocal`1");
    public INamedTypeSymbol? BackgroundService => Type("Microsoft.Extensions.Hosting.BackgroundService");
    public INamedTypeSymbol? Barrier => Type("System.Threading.Barrier");
    public INamedTypeSymbol? BlockingCollection => Type("System.Collections.Concurrent.BlockingCollection`1");
    public INamedTypeSymbol? CancellationToken => Type("System.Threading.CancellationToken");
    public INamedTypeSymbol? CancellationTokenRegistration => Type("System.Threading.CancellationTokenRegistration");
    public INamedTypeSymbol? CancellationTokenSource => Type("System.Threading.CancellationTokenSource");
    public INamedTypeSymbol? Channel => Type("System.Threading.Channels.Channel");
    public INamedTypeSymbol? CircuitBreaker => Type("ConcurrencyAnalyzers.Runtime.CircuitBreaker");
    public INamedTypeSymbol? CircuitOutcomeOfT => Type("ConcurrencyAnalyzers.Runtime.CircuitOutcome`1");
    public INamedTypeSymbol? ConcurrentBag => Type("System.Collections.Concurrent.ConcurrentBag`1");
    public INamedTypeSymbol? ConcurrentDictionary => Type("System.Collections.Concurrent.ConcurrentDictionary`2");
    public INamedTypeSymbol? ConcurrentExclusiveSchedulerPair => Type("System.Threading.Tasks.ConcurrentExclusiveSchedulerPair");
    public INamedTypeSymbol? ConcurrentQueue => Type("System.Collections.Concurrent.ConcurrentQueue`1");
    public INamedTypeSymbol? ConcurrentStack => Type("System.Collections.Concurrent.ConcurrentStack`1");
    public INamedTypeSymbol? ConfigureAwaitOptions => Type("System.Threading.Tasks.ConfigureAwaitOptions");
    public INamedTypeSymbol? Console => Type("System.Console");
    public INamedTypeSymbol? CountdownEvent => Type("System.Threading.CountdownEvent");
    public INamedTypeSymbol? DataflowBlockOptions => Type("System.Threading.Tasks.Dataflow.DataflowBlockOptions");
    public INamedTypeSymbol? DateTimeOffset => Type("System.DateTimeOffset");
    public INamedTypeSymbol? DbContext => Type("Microsoft.EntityFrameworkCore.DbContext");
    public INamedTypeSymbol? DictionaryInterface => Type("System.Collections.Generic.IDictionary`2");
    public INamedTypeSymbol? EndpointRouteBuilder => Type("Microsoft.AspNetCore.Routing.IEndpointRouteBuilder");
    public INamedTypeSymbol? Enumerable => Type("System.Linq.Enumerable");
    public INamedTypeSymbol? Environment => Type("System.Environment");
    public INamedTypeSymbol? Exception => Type("System.Exception");
    public INamedTypeSymbol? ExpressionOfT => Type("System.Linq.Expressions.Expression`1");
    public INamedTypeSymbol? Gather => Type("ConcurrencyAnalyzers.Runtime.Gather");
    public INamedTypeSymbol? HostedService => Type("Microsoft.Extensions.Hosting.IHostedService");
    public INamedTypeSymbol? HttpClient => Type("System.Net.Http.HttpClient");
    public INamedTypeSymbol? HttpClientHandler => Type("System.Net.Http.HttpClientHandler");
    public INamedTypeSymbol? ICommand => Type("System.Windows.Input.ICommand");
    public INamedTypeSymbol? ImmutableArrayLinq => Type("System.Linq.ImmutableArrayExtensions");
    public INamedTypeSymbol? Interlocked => Type("System.Threading.Interlocked");
    public INamedTypeSymbol? IntervalRateLimiter => Type("ConcurrencyAnalyzers.Runtime.IntervalRateLimiter");
    public INamedTypeSymbol? JsonConverterAttribute => Type("System.Text.Json.Serialization.JsonConverterAttribute");
    public INamedTypeSymbol? JsonDerivedTypeAttribute => Type("System.Text.Json.Serialization.JsonDerivedTypeAttribute");
    public INamedTypeSymbol? JsonIgnoreAttribute => Type("System.Text.Json.Serialization.JsonIgnoreAttribute");
    public INamedTypeSymbol? JsonIncludeAttribute => Type("System.Text.Json.Serialization.JsonIncludeAttribute");
    public INamedTypeSymbol? JsonPolymorphicAttribute => Type("System.Text.Json.Serialization.JsonPolymorphicAttribute");
    public INamedTypeSymbol? Lock => Type("System.Threading.Lock");
    public INamedTypeSymbol? ManualResetEventSlim => Type("System.Threading.ManualResetEventSlim");
    public INamedTypeSymbol? MemberInfo => Type("System.Reflection.MemberInfo");
    public INamedTypeSymbol? MemoryStream => Type("System.IO.MemoryStream");
    public INamedTypeSymbol? Monitor => Type("System.Threading.Monitor");
    public INamedTypeSymbol? Mutex => Type("System.Threading.Mutex");
    public INamedTypeSymbol? OperationCanceledException => Type("System.OperationCanceledException");
    public INamedTypeSymbol? OutcomeOfT => Type("ConcurrencyAnalyzers.Runtime.Outcome`2");
    public INamedTypeSymbol? Outcomes => Type("ConcurrencyAnalyzers.Runtime.Outcome");
    public INamedTypeSymbol? Parallel => Type("System.Threading.Tasks.Parallel");
    public INamedTypeSymbol? ParallelLinq => Type("System.Linq.ParallelEnumerable");
    public INamedTypeSymbol? ParallelOptions => Type("System.Threading.Tasks.ParallelOptions");
    public INamedTypeSymbol? ParameterInfo => Type("System.Reflection.ParameterInfo");
    public INamedTypeSymbol? PartitionedRateLimiter => Type("System.Threading.RateLimiting.PartitionedRateLimiter");
    public INamedTypeSymbol? PartitionedRateLimiterOfT => Type("System.Threading.RateLimiting.PartitionedRateLimiter`1");
    public INamedTypeSymbol? PollyPolicy => Type("Polly.Policy");
    public INamedTypeSymbol? Process => Type("System.Diagnostics.Process");
    public INamedTypeSymbol? ProcessExecutor => Type("ConcurrencyAnalyzers.Runtime.ProcessExecutor");
    public INamedTypeSymbol? ProcessExecutorOptions => Type("ConcurrencyAnalyzers.Runtime.ProcessExecutorOptions");
    public INamedTypeSymbol? Queryable => Type("System.Linq.IQueryable");
    public INamedTypeSymbol? QueueingRateLimiter => Type("ConcurrencyAnalyzers.Runtime.QueueingRateLimiter");
    public INamedTypeSymbol? RateLimitLease => Type("System.Threading.RateLimiting.RateLimitLease");
    public INamedTypeSymbol? RateLimiter => Type("System.Threading.RateLimiting.RateLimiter");
    public INamedTypeSymbol? ReadOnlyDictionaryInterface => Type("System.Collections.Generic.IReadOnlyDictionary`2");
    public INamedTypeSymbol? ReaderWriterLock => Type("System.Threading.ReaderWriterLock");
    public INamedTypeSymbol? ReaderWriterLockSlim => Type("System.Threading.ReaderWriterLockSlim");
    public INamedTypeSymbol? ReplenishingRateLimiter => Type("System.Threading.RateLimiting.ReplenishingRateLimiter");
    public INamedTypeSymbol? ResiliencePipelineBuilder => Type("Polly.ResiliencePipelineBuilder");
    public INamedTypeSymbol? ResiliencePipelineBuilderOfT => Type("Polly.ResiliencePipelineBuilder`1");
    public INamedTypeSymbol? ResiliencePolicy => Type("ConcurrencyAnalyzers.Runtime.ResiliencePolicy");
    public INamedTypeSymbol? Semaphore => Type("System.Threading.Semaphore");
    public INamedTypeSymbol? SemaphoreSlim => Type("System.Threading.SemaphoreSlim");
    public INamedTypeSymbol? SocketsHttpHandler => Type("System.Net.Http.SocketsHttpHandler");
    public INamedTypeSymbol? SpinLock => Type("System.Threading.SpinLock");
    public INamedTypeSymbol? Stopwatch => Type("System.Diagnostics.Stopwatch");
    public INamedTypeSymbol? Stream => Type("System.IO.Stream");
    public INamedTypeSymbol? StringReader => Type("System.IO.StringReader");
    public INamedTypeSymbol? StringWriter => Type("System.IO.StringWriter");
    public INamedTypeSymbol? SystemException => Type("System.SystemException");
    public INamedTypeSymbol? Task => Type("System.Threading.Tasks.Task");
    public INamedTypeSymbol? TaskCompletionSource => Type("System.Threading.Tasks.TaskCompletionSource");
    public INamedTypeSymbol? TaskCompletionSourceOfT => Type("System.Threading.Tasks.TaskCompletionSource`1");
    public INamedTypeSymbol? TaskContinuationOptions => Type("System.Threading.Tasks.TaskContinuationOptions");
    public INamedTypeSymbol? TaskCreationOptions => Type("System.Threading.Tasks.TaskCreationOptions");
    public INamedTypeSymbol? TaskFactory => Type("System.Threading.Tasks.TaskFactory");
    public INamedTypeSymbol? TaskFactoryOfT => Type("System.Threading.Tasks.TaskFactory`1");
    public INamedTypeSymbol? TaskGroup => Type("ConcurrencyAnalyzers.Runtime.TaskGroup");
    public INamedTypeSymbol? TaskObservation => Type("ConcurrencyAnalyzers.Runtime.TaskObservation");
    public INamedTypeSymbol? TaskOfT => Type("System.Threading.Tasks.Task`1");
    public INamedTypeSymbol? TaskScheduler => Type("System.Threading.Tasks.TaskScheduler");
    public INamedTypeSymbol? Thread => Type("System.Threading.Thread");
    public INamedTypeSymbol? ThreadExecutor => Type("ConcurrencyAnalyzers.Runtime.ThreadExecutor");
    public INamedTypeSymbol? ThreadLocal => Type("System.Threading.ThreadLocal`1");
    public INamedTypeSymbol? ThreadPool => Type("System.Threading.ThreadPool");
    public INamedTypeSymbol? ThreadStaticAttribute => Type("System.ThreadStaticAttribute");
    public INamedTypeSymbol? TimeProvider => Type("System.TimeProvider");
    public INamedTypeSymbol? TimeProviderTasks => Type("System.Threading.Tasks.TimeProviderTaskExtensions");
    public INamedTypeSymbol? TimeSpan => Type("System.TimeSpan");
    public INamedTypeSymbol? TimeoutException => Type("System.TimeoutException");
    public INamedTypeSymbol? ValueTask => Type("System.Threading.Tasks.ValueTask");
    public INamedTypeSymbol? ValueTaskOfT => Type("System.Threading.Tasks.ValueTask`1");
    public INamedTypeSymbol? Volatile => Type("System.Threading.Volatile");
    public INamedTypeSymbol? WaitHandle => Type("System.Threading.WaitHandle");
    public INamedTypeSymbol? WebAssemblyHostBuilder => Type("Microsoft.AspNetCore.Components.WebAssembly.Hosting.WebAssemblyHostBuilder");
    public INamedTypeSymbol? XmlReader => Type("System.Xml.XmlReader");
    public INamedTypeSymbol? XmlWriter => Type("System.Xml.XmlWriter");

    public static KnownSymbols Of(Compilation compilation) => Cache.GetValue(compilation, static one => new KnownSymbols(one));

    /// <summary>A lock that only the thread which took it can give back.</summary>
    public bool IsThreadAffineLock(INamedTypeSymbol type) =>
        Is(type, Monitor) || Is(type, Lock) || Is(type, Mutex) || Is(type, ReaderWriterLockSlim) || Is(type, ReaderWriterLock) || Is(type, SpinLock);

    /// <summary>A class of LINQ's operators over sequences in memory.</summary>
    public bool IsLinq(INamedTypeSymbol type) => Is(type, Enumerable) || Is(type, ImmutableArrayLinq) || Is(type, ParallelLinq);

    public bool IsDictionary(INamedTypeSymbol type) =>
        type.TypeParameters.Length == 2 && (Is(type.OriginalDefinition, DictionaryInterface) || Is(type.OriginalDefinition, ReadOnlyDictionaryInterface));

    private static bool Is(INamedTypeSymbol type, INamedTypeSymbol? known) =>
        known is not null && SymbolEqualityComparer.Default.Equals(type, known);

    private INamedTypeSymbol? Type(string metadataName) => _types.GetOrAdd(metadataName, _resolve);

    // Two assemblies may have a type of one name (a polyfill, say): the compilation's own wins, then a public one.
    private static INamedTypeSymbol? Resolve(Compilation compilation, string metadataName)
    {
#pragma warning disable RS0030 // This is the one place for metadata names.
        var types = compilation.GetTypesByMetadataName(metadataName);
#pragma warning restore RS0030
        return types.FirstOrDefault(type => SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly))
            ?? types.FirstOrDefault(type => type.DeclaredAccessibility == Accessibility.Public);
    }

    // The names are literals, each of which is one object: rules ask so often that hashing the text would show.
    private sealed class ByReference : IEqualityComparer<string>
    {
        public static readonly ByReference Instance = new();

        public bool Equals(string? x, string? y) => ReferenceEquals(x, y);

        public int GetHashCode(string name) => RuntimeHelpers.GetHashCode(name);
    }
}
