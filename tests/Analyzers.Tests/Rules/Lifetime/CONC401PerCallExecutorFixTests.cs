using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Lifetime.CONC401PerCallExecutorAnalyzer,
    ConcurrencyAnalyzers.Rules.Lifetime.CONC401PerCallExecutorCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Lifetime;

/// <summary>What becomes of the statement that made the object; the field, and where the fix refuses, are in files of their own.</summary>
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
