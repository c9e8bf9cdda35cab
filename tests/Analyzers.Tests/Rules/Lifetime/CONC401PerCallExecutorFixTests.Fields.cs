using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Lifetime.CONC401PerCallExecutorAnalyzer,
    ConcurrencyAnalyzers.Rules.Lifetime.CONC401PerCallExecutorCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Lifetime;

/// <content>The field that the object becomes: its name, place, type and style.</content>
public sealed partial class CONC401PerCallExecutorFixTests
{
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
}
