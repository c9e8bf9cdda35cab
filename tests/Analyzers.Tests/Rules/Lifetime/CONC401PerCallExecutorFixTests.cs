using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Lifetime.CONC401PerCallExecutorAnalyzer,
    ConcurrencyAnalyzers.Rules.Lifetime.CONC401PerCallExecutorCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Lifetime;

public sealed class CONC401PerCallExecutorFixTests
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
    public Task A_temporary_becomes_a_field_named_after_its_type() => VerifyAsync(
        $$"""
        class C
        {
            async Task<bool> M() => (await [|{{New}}|].AcquireAsync()).IsAcquired;
        }
        """,
        $$"""
        class C
        {
            private static readonly ConcurrencyLimiter _concurrencyLimiter = {{New}};

            async Task<bool> M() => (await _concurrencyLimiter.AcquireAsync()).IsAcquired;
        }
        """);

    [Theory]
    [InlineData("private static readonly object s_gate = new();", "s_limiter")]
    [InlineData("private static readonly object Gate = new();", "Limiter")]
    [InlineData("private static readonly object gate = new();", "@limiter2")]
    [InlineData("private static object s_gate = new();", "s_limiter")]
    [InlineData("[ThreadStatic] private static object? t_gate;", "s_limiter")]
    [InlineData("private static readonly object _limiter = new();", "_limiter2")]
    [InlineData("private readonly object _gate = new();", "_limiter")]
    [InlineData("private const string Gate = \"\";", "_limiter")]
    [InlineData("private int _limiter, _limiter2;", "_limiter3")]
    public Task The_name_follows_the_types_private_static_fields(string field, string name) => VerifyAsync(
        $$"""
        class C
        {
            {{field}}

            void M()
            {
                using var limiter = [|{{New}}|];
                limiter.AttemptAcquire();
            }
        }
        """,
        $$"""
        class C
        {
            {{field}}
            private static readonly ConcurrencyLimiter {{name.TrimStart('@')}} = {{New}};

            void M()
            {
                {{name.TrimStart('@')}}.AttemptAcquire();
            }
        }
        """);

    [Fact]
    public Task Findings_of_one_type_get_names_of_their_own() => VerifyAsync(
        $$"""
        class C
        {
            void M()
            {
                using var limiter = [|{{New}}|];
                limiter.AttemptAcquire();
            }

            void N()
            {
                using var limiter = [|{{New}}|];
                limiter.AttemptAcquire();
            }
        }
        """,
        $$"""
        class C
        {
            private static readonly ConcurrencyLimiter _limiter = {{New}};
            private static readonly ConcurrencyLimiter _limiter2 = {{New}};

            void M()
            {
                _limiter.AttemptAcquire();
            }

            void N()
            {
                _limiter2.AttemptAcquire();
            }
        }
        """,
        // Fix-all goes from the last to the first.
        batch:
        $$"""
        class C
        {
            private static readonly ConcurrencyLimiter _limiter = {{New}};
            private static readonly ConcurrencyLimiter _limiter2 = {{New}};

            void M()
            {
                _limiter2.AttemptAcquire();
            }

            void N()
            {
                _limiter.AttemptAcquire();
            }
        }
        """);

    [Theory]
    [InlineData("struct C", "struct C")]
    [InlineData("record C(int Id)", "record C(int Id)")]
    [InlineData("partial class C<T>", "partial class C<T>")]
    [InlineData("static class C", "static class C")]
    [InlineData("class C(int id)", "class C(int id)")]
    public Task Kinds_of_types(string type, string same) => VerifyAsync(
        $$"""
        {{type}}
        {
            static async Task M()
            {
                Func<Task> run = async () =>
                {
                    using var limiter = [|{{New}}|];
                    await limiter.AcquireAsync();
                };
                await run();
            }
        }
        """,
        $$"""
        {{same}}
        {
            private static readonly ConcurrencyLimiter _limiter = {{New}};

            static async Task M()
            {
                Func<Task> run = async () =>
                {
                    await _limiter.AcquireAsync();
                };
                await run();
            }
        }
        """);

    [Fact]
    public Task The_innermost_type_gets_the_field_and_the_file_its_using() => new Verify.Test
    {
        TestCode =
            """
            class Outer
            {
                class Inner
                {
                    void M()
                    {
                        using var limiter = [|System.Threading.RateLimiting.PartitionedRateLimiter.Create<string, string>(key => System.Threading.RateLimiting.RateLimitPartition.GetNoLimiter(key))|];
                        limiter.AttemptAcquire("a");
                    }
                }
            }
            """,
        FixedCode =
            """
            using System.Threading.RateLimiting;

            class Outer
            {
                class Inner
                {
                    private static readonly PartitionedRateLimiter<string> _limiter = System.Threading.RateLimiting.PartitionedRateLimiter.Create<string, string>(key => System.Threading.RateLimiting.RateLimitPartition.GetNoLimiter(key));

                    void M()
                    {
                        _limiter.AttemptAcquire("a");
                    }
                }
            }
            """,
        TestTopLevelProgram = false,
    }.RunAsync();

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

    [Theory]
    [InlineData("const int Four = 4;", "Four", "_limiter")]
    [InlineData("private static readonly int Four = 4;", "Four", "Limiter")]
    [InlineData("private static readonly int _four = 4, _five = 5;", "_four", "_limiter")]
    [InlineData("private int _unused;", "Property", "_limiter")]
    [InlineData("private int _unused;", "Method()", "_limiter")]
    [InlineData("private int _unused;", "Environment.ProcessorCount", "_limiter")]
    [InlineData("private int _unused;", "Math.Max(2, Environment.ProcessorCount / 2)", "_limiter")]
    public Task Static_arguments(string field, string argument, string name) => VerifyAsync(
        $$"""
        class C
        {
            {{field}}

            static int Property => 4;

            static int Method() => 4;

            void M()
            {
                using var limiter = [|new ConcurrencyLimiter(new() { PermitLimit = {{argument}} })|];
                limiter.AttemptAcquire();
            }
        }
        """,
        $$"""
        class C
        {
            {{field}}
            private static readonly ConcurrencyLimiter {{name}} = new ConcurrencyLimiter(new() { PermitLimit = {{argument}} });

            static int Property => 4;

            static int Method() => 4;

            void M()
            {
                {{name}}.AttemptAcquire();
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

    [Fact]
    public Task Written_type_and_target_typed_new() => VerifyAsync(
        """
        class C
        {
            void M()
            {
                using RateLimiter limiter = [|new ConcurrencyLimiter(new() { PermitLimit = 4 })|];
                limiter.AttemptAcquire();
                using ConcurrencyLimiter other = [|new(new() { PermitLimit = 5 })|];
                other.AttemptAcquire();
            }
        }
        """,
        """
        class C
        {
            private static readonly RateLimiter _limiter = new ConcurrencyLimiter(new() { PermitLimit = 4 });
            private static readonly ConcurrencyLimiter _other = new(new() { PermitLimit = 5 });

            void M()
            {
                _limiter.AttemptAcquire();
                _other.AttemptAcquire();
            }
        }
        """,
        batch:
        """
        class C
        {
            private static readonly ConcurrencyLimiter _other = new(new() { PermitLimit = 5 });
            private static readonly RateLimiter _limiter = new ConcurrencyLimiter(new() { PermitLimit = 4 });

            void M()
            {
                _limiter.AttemptAcquire();
                _other.AttemptAcquire();
            }
        }
        """);

    [Fact]
    public Task Tabs_and_carriage_returns_stay() => VerifyAsync(
        "class C\n{\n\tvoid M()\n\t{\n\t\tusing (var limiter = [|" + New.Replace("{ ", "\n\t\t{\n\t\t\t", StringComparison.Ordinal).Replace(" }", ",\n\t\t}", StringComparison.Ordinal) + "|])\n\t\t{\n\t\t\tlimiter.AttemptAcquire();\n\t\t}\n\t}\n}\n",
        "class C\n{\n\tprivate static readonly ConcurrencyLimiter _limiter = " + New.Replace("{ ", "\n\t{\n\t\t", StringComparison.Ordinal).Replace(" }", ",\n\t}", StringComparison.Ordinal) + ";\n\n\tvoid M()\n\t{\n\t\t_limiter.AttemptAcquire();\n\t}\n}\n",
        newLine: "\r\n");

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
