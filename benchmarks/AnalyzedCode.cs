using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>The code that analyzers are measured on.</summary>
internal static class AnalyzedCode
{
    // 100 lines of what services consist of; next to nothing in it is a finding.
    private const string Template =
        """
        public sealed record Order#(Guid Id, string Customer, decimal Total, DateTimeOffset Placed, IReadOnlyList<string> Lines);

        public interface IOrderStore#
        {
            Task<Order#?> FindAsync(Guid id, CancellationToken cancellationToken);
            IAsyncEnumerable<Order#> ReadAllAsync(CancellationToken cancellationToken);
            Task SaveAsync(Order# order, CancellationToken cancellationToken);
        }

        public sealed class OrderService#(IOrderStore# store, HttpClient http, TimeProvider time) : IAsyncDisposable
        {
            private readonly SemaphoreSlim _gate = new(1, 1);
            private readonly ConcurrentDictionary<Guid, Order#> _cache = new();
            private readonly Channel<Order#> _queue = Channel.CreateBounded<Order#>(64);
            private readonly object _sync = new();
            private readonly Dictionary<string, decimal> _totals = [];
            private int _saved;

            public event EventHandler<Order#>? Saved;

            public int Count => Volatile.Read(ref _saved);

            public async Task<Order#?> FindAsync(Guid id, CancellationToken cancellationToken)
            {
                if (_cache.TryGetValue(id, out var known))
                    return known;

                var found = await store.FindAsync(id, cancellationToken).ConfigureAwait(false);
                return found is null ? null : _cache.GetOrAdd(id, found);
            }

            public async Task SaveAsync(Order# order, CancellationToken cancellationToken)
            {
                ArgumentNullException.ThrowIfNull(order);
                await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    await store.SaveAsync(order with { Placed = time.GetUtcNow() }, cancellationToken).ConfigureAwait(false);
                    _cache[order.Id] = order;
                }
                finally
                {
                    _gate.Release();
                }

                Interlocked.Increment(ref _saved);
                lock (_sync)
                    _totals[order.Customer] = _totals.GetValueOrDefault(order.Customer) + order.Total;

                Saved?.Invoke(this, order);
                await _queue.Writer.WriteAsync(order, cancellationToken).ConfigureAwait(false);
            }

            public async Task<string> DescribeAsync(Uri address, int attempts, CancellationToken cancellationToken)
            {
                for (var attempt = 1; ; attempt++)
                {
                    try
                    {
                        using var response = await http.GetAsync(address, cancellationToken).ConfigureAwait(false);
                        response.EnsureSuccessStatusCode();
                        return await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
                    }
                    catch (HttpRequestException exception) when (attempt < attempts)
                    {
                        Console.Error.WriteLine($"{address}: {exception.Message}");
                        await Task.Delay(TimeSpan.FromSeconds(attempt), time, cancellationToken).ConfigureAwait(false);
                    }
                }
            }

            public async Task<Dictionary<string, decimal>> SumAsync(CancellationToken cancellationToken)
            {
                var sums = new Dictionary<string, decimal>(StringComparer.Ordinal);
                await foreach (var order in store.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                {
                    var key = order.Lines.Count switch { 0 => "empty", < 10 => "small", _ => order.Customer.Trim().ToUpperInvariant() };
                    sums[key] = sums.TryGetValue(key, out var sum) ? sum + order.Total : order.Total;
                }

                return sums;
            }

            public IEnumerable<string> Best(int count) => _cache.Values
                .Where(order => order.Total > 10 && order.Lines.Any(line => line.StartsWith("A", StringComparison.Ordinal)))
                .GroupBy(order => order.Customer)
                .OrderByDescending(group => group.Sum(order => order.Total))
                .Select(group => string.Join(", ", group.SelectMany(order => order.Lines).Distinct().Take(count)));

            public async ValueTask DisposeAsync()
            {
                _queue.Writer.TryComplete();
                await _queue.Reader.Completion.ConfigureAwait(false);
                _gate.Dispose();
            }
        }

        """;

    // Ten methods that call each other's namesakes in the types before and after; in one type of fifty, the last one waits.
    private const string CallsTemplate =
        """
        public sealed class Ledger#(TextWriter log)
        {
            private readonly Dictionary<string, decimal> _totals = new(StringComparer.Ordinal);

            public async Task<decimal> PostAsync(string account, decimal amount, Ledger@ other)
            {
                await log.WriteLineAsync($"{account}: {amount}").ConfigureAwait(false);
                var posted = Post(account, amount);
                return posted + other.Balance(account) + other.Fee@(account, posted);
            }

            public decimal Post(string account, decimal amount)
            {
                if (string.IsNullOrWhiteSpace(account))
                    throw new ArgumentException("An account needs a name.", nameof(account));

                _totals[account] = Balance(account) + Rounded(amount);
                Note(account, _totals[account]);
                return _totals[account];
            }

            public decimal Balance(string account) => _totals.TryGetValue(account, out var total) ? total : 0m;

            public decimal Fee#(string account, decimal amount)
            {
                var rate = amount switch { < 10m => 0.05m, < 1000m => 0.02m, _ => 0.01m };
                var fee = Rounded(amount * rate);
                if (fee > Balance(account))
                    Note(account, fee);
                return Settled#(fee);
            }

            public IReadOnlyList<string> Rich(decimal limit) =>
                _totals.Where(total => total.Value > limit).OrderByDescending(total => total.Value).Select(total => Named(total.Key)).ToList();

            public string Report(int width)
            {
                var text = new System.Text.StringBuilder();
                foreach (var (account, total) in _totals)
                    text.Append(Named(account).PadRight(width)).Append(Rounded(total)).AppendLine();
                return text.ToString();
            }

            private static string Named(string account) => account.Length > 20 ? account[..20] : account.Trim();

            private static decimal Rounded(decimal amount) => Math.Round(amount, 2, MidpointRounding.ToEven);

            private void Note(string account, decimal amount)
            {
                for (var line = 0; line < 2; line++)
                    log.WriteLine($"{line} {Named(account)} {amount}");
            }

            private decimal Settled#(decimal fee)
            {
                $
                return fee < 1m ? 1m : fee;
            }
        }

        """;

    private static readonly string[] Usings =
        ["System", "System.Collections.Concurrent", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Channels", "System.Threading.Tasks"];

    private static readonly CSharpParseOptions Parsing = new(LanguageVersion.Latest);

    private static readonly SyntaxTree GlobalUsings = Parse(string.Concat(Usings.Select(static name => $"global using {name};\n")), "GlobalUsings.cs");

    private static readonly IReadOnlyList<MetadataReference> References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal))
            .Select(static file => MetadataReference.CreateFromFile(file))];

    /// <summary>About 1,000 lines for each unit of size, a file for each of 500.</summary>
    public static CSharpCompilation Generated(int size) =>
        Compile(Enumerable.Range(0, size * 2).Select(static file => Parse(Text(file * 5, 5), $"Orders{file}.cs")));

    /// <summary>5,000 methods, ten in each type, which call each other; every fiftieth type has a chain that blocks.</summary>
    public static CSharpCompilation Calls { get; } = Compile(Enumerable.Range(0, 500).Select(static type => Parse("namespace Bank;\n\n" + Calling(type), $"Ledger{type}.cs")));

    /// <summary>One file of about 5,000 lines, in a program of other files.</summary>
    public static SyntaxTree LargeFile { get; } = Parse(Text(100_000, 50), "Large.cs");

    /// <summary>The source of the runtime library.</summary>
    public static CSharpCompilation OfRuntime() =>
        Compile(Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "code"), "*.cs", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(static file => Parse(File.ReadAllText(file), file)));

    public static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, Parsing, path, Encoding.UTF8);

    private static CSharpCompilation Compile(IEnumerable<SyntaxTree> trees)
    {
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, concurrentBuild: false);
        return CSharpCompilation.Create("Analyzed", trees.Append(GlobalUsings), References, options);
    }

    private static string Calling(int type) => CallsTemplate
        .Replace("#", type.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("@", ((type + 1) % 500).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("$\n", (type % 50 == 0 ? "Thread.Sleep(1);" : "log.Flush();") + "\n", StringComparison.Ordinal);

    private static string Text(int first, int count)
    {
        var text = new StringBuilder("namespace Shop;\n\n");
        for (var i = first; i < first + count; i++)
            text.Append(Template.Replace("#", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        return text.ToString();
    }
}
