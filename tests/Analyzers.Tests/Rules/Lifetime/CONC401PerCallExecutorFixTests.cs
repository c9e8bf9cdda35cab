using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Lifetime.CONC401PerCallExecutorAnalyzer,
    ConcurrencyAnalyzers.Rules.Lifetime.CONC401PerCallExecutorCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Lifetime;

/// <summary>What becomes of the statement that made the object, and where the fix refuses; the field is in a file of its own.</summary>
public sealed partial class CONC401PerCallExecutorFixTests
{
    private const string New = "new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 4 })";

    [Fact]
    public Task Using_declaration_with_its_comments() => VerifyAsync(
        """
        class C
        {
            private readonly HttpClient _client = new();

            async Task<string> GetAsync(string url)
            {
                // The partner allows four at once.
                using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions
                {
                    PermitLimit = 4, // by contract
                    QueueLimit = 100,
                })|]; // see their terms

                using var lease = await limiter.AcquireAsync();
                return await _client.GetStringAsync(url);
            }
        }
        """,
        """
        class C
        {
            private readonly HttpClient _client = new();
            // The partner allows four at once.
            private static readonly ConcurrencyLimiter _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
            {
                PermitLimit = 4, // by contract
                QueueLimit = 100,
            }); // see their terms

            async Task<string> GetAsync(string url)
            {
                using var lease = await _limiter.AcquireAsync();
                return await _client.GetStringAsync(url);
            }
        }
        """);

    [Fact]
    public Task Using_statement_is_unwrapped() => VerifyAsync(
        $$"""
        class C
        {
            async Task M()
            {
                Console.WriteLine();

                // above
                await using (var limiter = [|{{New}}|]) // beside
                {
                    // before
                    using var lease = await limiter.AcquireAsync();
                    if (lease.IsAcquired)
                    {
                        Console.WriteLine("a");
                    }
                    // after
                }
            }
        }
        """,
        $$"""
        class C
        {
            // above
            private static readonly ConcurrencyLimiter _limiter = {{New}}; // beside

            async Task M()
            {
                Console.WriteLine();

                // before
                using var lease = await _limiter.AcquireAsync();
                if (lease.IsAcquired)
                {
                    Console.WriteLine("a");
                }
                // after
            }
        }
        """);

    [Fact]
    public Task A_block_stays_where_its_locals_would_clash_or_live_longer() => VerifyAsync(
        $$"""
        class C
        {
            async Task M(bool b)
            {
                using (var limiter = [|{{New}}|])
                {
                    using var lease = await limiter.AcquireAsync();
                }

                Console.WriteLine("released");
                if (b)
                    using (var other = [|{{New}}|])
                    {
                        other.AttemptAcquire().Dispose();
                    }
            }
        }
        """,
        $$"""
        class C
        {
            private static readonly ConcurrencyLimiter _limiter = {{New}};
            private static readonly ConcurrencyLimiter _other = {{New}};

            async Task M(bool b)
            {
                {
                    using var lease = await _limiter.AcquireAsync();
                }

                Console.WriteLine("released");
                if (b)
                    {
                        _other.AttemptAcquire().Dispose();
                    }
            }
        }
        """,
        batch:
        $$"""
        class C
        {
            private static readonly ConcurrencyLimiter _other = {{New}};
            private static readonly ConcurrencyLimiter _limiter = {{New}};

            async Task M(bool b)
            {
                {
                    using var lease = await _limiter.AcquireAsync();
                }

                Console.WriteLine("released");
                if (b)
                    {
                        _other.AttemptAcquire().Dispose();
                    }
            }
        }
        """);

    [Theory]
    [InlineData("limiter.Dispose();")]
    [InlineData("await limiter.DisposeAsync();")]
    [InlineData("await limiter.DisposeAsync().ConfigureAwait(false);")]
    [InlineData("limiter?.Dispose();")]
    public Task Disposal_goes(string disposal) => VerifyAsync(
        $$"""
        class C
        {
            async Task M()
            {
                var limiter = [|{{New}}|];
                await limiter.AcquireAsync();

                // clean up
                {{disposal}}
                Console.WriteLine();
            }
        }
        """,
        $$"""
        class C
        {
            private static readonly ConcurrencyLimiter _limiter = {{New}};

            async Task M()
            {
                await _limiter.AcquireAsync();

                // clean up
                Console.WriteLine();
            }
        }
        """);

    [Fact]
    public Task Disposal_in_a_finally_goes_with_its_try() => VerifyAsync(
        $$"""
        class C
        {
            async Task M()
            {
                var limiter = [|{{New}}|];
                try
                {
                    await limiter.AcquireAsync();
                    Console.WriteLine();
                }
                finally
                {
                    limiter.Dispose();
                }
            }

            async Task N()
            {
                var other = [|{{New}}|];
                try
                {
                    await other.AcquireAsync();
                }
                catch (TimeoutException)
                {
                    Console.WriteLine();
                }
                finally
                {
                    other.Dispose();
                }
            }
        }
        """,
        $$"""
        class C
        {
            private static readonly ConcurrencyLimiter _limiter = {{New}};
            private static readonly ConcurrencyLimiter _other = {{New}};

            async Task M()
            {
                await _limiter.AcquireAsync();
                Console.WriteLine();
            }

            async Task N()
            {
                try
                {
                    await _other.AcquireAsync();
                }
                catch (TimeoutException)
                {
                    Console.WriteLine();
                }
            }
        }
        """,
        batch:
        $$"""
        class C
        {
            private static readonly ConcurrencyLimiter _other = {{New}};
            private static readonly ConcurrencyLimiter _limiter = {{New}};

            async Task M()
            {
                await _limiter.AcquireAsync();
                Console.WriteLine();
            }

            async Task N()
            {
                try
                {
                    await _other.AcquireAsync();
                }
                catch (TimeoutException)
                {
                    Console.WriteLine();
                }
            }
        }
        """);

    [Theory]
    [InlineData("await using (limiter.ConfigureAwait(false))\n        {\n            await limiter.AcquireAsync();\n        }")]
    [InlineData("using (limiter)\n        {\n            await limiter.AcquireAsync();\n        }")]
    [InlineData("await using var _ = limiter.ConfigureAwait(false);\n        await limiter.AcquireAsync();")]
    public Task A_using_apart_from_the_declaration(string use) => VerifyAsync(
        $$"""
        class C
        {
            async Task M()
            {
                var limiter = [|{{New}}|];
                {{use}}
            }
        }
        """,
        $$"""
        class C
        {
            private static readonly ConcurrencyLimiter _limiter = {{New}};

            async Task M()
            {
                await _limiter.AcquireAsync();
            }
        }
        """);

    [Theory]
    // The arguments are the call's own.
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = max })|]; limiter.AttemptAcquire();")]
    [InlineData("var count = 4; using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = count })|]; limiter.AttemptAcquire();")]
    [InlineData("var options = new ConcurrencyLimiterOptions(); using var limiter = [|new ConcurrencyLimiter(options)|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = _max })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = Max() })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = this._max })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = nameof(max).Length })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetNoLimiter(key + max))|]; limiter.AttemptAcquire(\"a\");")]
    [InlineData("using var limiter = [|PartitionedRateLimiter.Create<T, string>(key => RateLimitPartition.GetNoLimiter(\"a\"))|]; limiter.AttemptAcquire(default!);")]
    // They change, or have no value yet where the field is initialised.
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = s_current })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = Setting })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = SetByConstructor })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = Later })|]; limiter.AttemptAcquire();")]
    [InlineData("var pair = [|new ConcurrentExclusiveSchedulerPair(TaskScheduler.Current)|]; Task.Factory.StartNew(() => { }, default, default, pair.ExclusiveScheduler);")]
    // What is done with the object allows only one call to have it.
    [InlineData("RateLimiter limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|]; limiter.AttemptAcquire(); limiter = null!;")]
    [InlineData("var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|]; var alias = limiter; alias.Dispose();")]
    [InlineData("using var owner = new Owner([|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|]);")]
    [InlineData("var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|]; using var owner = new Owner(limiter);")]
    [InlineData("var pair = [|new ConcurrentExclusiveSchedulerPair()|]; Task.Factory.StartNew(() => { }, default, default, pair.ExclusiveScheduler); pair.Complete(); pair.Completion.Wait();")]
    [InlineData("[|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|].Dispose();")]
    [InlineData("using ([|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|]) { }")]
    [InlineData("using ConcurrencyLimiter a = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|], b = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|]; a.AttemptAcquire(); b.AttemptAcquire();")]
    public Task No_fix(string statements) => Unfixed(
        $$"""
        class C
        {
            private readonly int _max = 4;
            private static int s_current = 4;
            private static readonly int SetByConstructor;
            static C() { SetByConstructor = 4; }
            static int Setting { get; set; } = 4;
            static int Later { get; } = 4;
            int Max() => s_current + _max;
            void M<T>(int max)
            {
                {{statements}}
            }
        }
        sealed class Owner(RateLimiter limiter) : IDisposable
        {
            public void Dispose() => limiter.Dispose();
        }
        """);

    [Fact]
    public Task Executors_with_their_shutdown() => VerifyAsync(
        """
        class C
        {
            static async Task<int> SumAsync(int[] numbers)
            {
                var sum = 0;
                await using var io = [|new AsyncExecutor(maxConcurrency: 8)|];
                await foreach (var square in io.MapAsync(numbers, async (number, token) => { await Task.Yield(); return number * number; }))
                    sum += square;

                return sum;
            }

            static async Task WorkAsync()
            {
                var threads = [|new ThreadExecutor(4)|];
                await threads.RunAsync(() => Console.WriteLine());
                await threads.ShutdownAsync(cancelQueued: true);
            }
        }
        """,
        """
        class C
        {
            private static readonly AsyncExecutor _io = new AsyncExecutor(maxConcurrency: 8);
            private static readonly ThreadExecutor _threads = new ThreadExecutor(4);

            static async Task<int> SumAsync(int[] numbers)
            {
                var sum = 0;
                await foreach (var square in _io.MapAsync(numbers, async (number, token) => { await Task.Yield(); return number * number; }))
                    sum += square;

                return sum;
            }

            static async Task WorkAsync()
            {
                await _threads.RunAsync(() => Console.WriteLine());
            }
        }
        """,
        batch:
        """
        class C
        {
            private static readonly ThreadExecutor _threads = new ThreadExecutor(4);
            private static readonly AsyncExecutor _io = new AsyncExecutor(maxConcurrency: 8);

            static async Task<int> SumAsync(int[] numbers)
            {
                var sum = 0;
                await foreach (var square in _io.MapAsync(numbers, async (number, token) => { await Task.Yield(); return number * number; }))
                    sum += square;

                return sum;
            }

            static async Task WorkAsync()
            {
                await _threads.RunAsync(() => Console.WriteLine());
            }
        }
        """);

    [Theory]
    // Taking the statement away would take the directive with it.
    [InlineData("", "#if DEBUG\n        Console.WriteLine();\n#endif\n        using var limiter = [|" + New + "|];\n        limiter.AttemptAcquire();")]
    [InlineData("", "using (var limiter = [|" + New + "|])\n        {\n            limiter.AttemptAcquire();\n#pragma warning disable CS0168\n        }")]
    // The field would be inside the condition.
    [InlineData("#if !DEBUG\n    private int _release;\n#endif\n", "using var limiter = [|" + New + "|];\n        limiter.AttemptAcquire();")]
    public Task No_fix_where_directives_would_move(string field, string statements) => Unfixed(
        $$"""
        class C
        {
        {{field}}
            void M()
            {
                {{statements}}
            }
        }
        """);

    [Fact]
    public Task Directives_inside_stay() => VerifyAsync(
        $$"""
        class C
        {
            #region Fields
            private int _count;
            #endregion

            void M()
            {
                using (var _ = [|{{New}}|])
                {
        #if !DEBUG
                    _count++;
        #endif
                    _.AttemptAcquire();
                }
            }
        }
        """,
        $$"""
        class C
        {
            #region Fields
            private int _count;
            private static readonly ConcurrencyLimiter _concurrencyLimiter = {{New}};
            #endregion

            void M()
            {
        #if !DEBUG
                _count++;
        #endif
                _concurrencyLimiter.AttemptAcquire();
            }
        }
        """);

    [Fact]
    public Task No_fix_without_a_type_to_hold_it() => Unfixed(
        $$"""
        interface IC
        {
            void M()
            {
                using var limiter = [|{{New}}|];
                limiter.AttemptAcquire();
            }
        }
        """);

    private static Task Unfixed(string code) => VerifyAsync(code, code);

    private static Task VerifyAsync(string code, string fixedCode, string? batch = null, string newLine = "\n")
    {
        return new Verify.Test
        {
            TestCode = File(code),
            FixedCode = File(fixedCode),
            BatchFixedCode = batch is null ? null : File(batch),
            TestTopLevelProgram = false, // What the entry point makes is made once.
        }.RunAsync();

        string File(string text) => ("using System.Threading.RateLimiting;\nusing ConcurrencyAnalyzers.Runtime;\n\n" + text).Replace("\n", newLine, StringComparison.Ordinal);
    }
}
