using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC501UnsynchronizedWriteAnalyzer,
    ConcurrencyAnalyzers.Rules.SharedState.CONC501UnsynchronizedWriteCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

public sealed class CONC501UnsynchronizedWriteFixTests
{
    [Theory]
    [InlineData("int", "[|x|]++;", "Interlocked.Increment(ref x);")]
    [InlineData("int", "++[|x|];", "Interlocked.Increment(ref x);")]
    [InlineData("long", "[|x|]--;", "Interlocked.Decrement(ref x);")]
    [InlineData("long", "[|x|] += i;", "Interlocked.Add(ref x, i);")]
    [InlineData("int", "[|x|] -= i;", "Interlocked.Add(ref x, -i);")]
    [InlineData("int", "[|x|] -= i + 1;", "Interlocked.Add(ref x, -(i + 1));")]
    [InlineData("int", "[|x|] = x + i;", "Interlocked.Add(ref x, i);")]
    [InlineData("int", "Console.WriteLine([|x|]++);", "Console.WriteLine(Interlocked.Increment(ref x) - 1);")]
    [InlineData("int", "Console.WriteLine(++[|x|]);", "Console.WriteLine(Interlocked.Increment(ref x));")]
    [InlineData("int", "Console.WriteLine([|x|] += 2);", "Console.WriteLine(Interlocked.Add(ref x, 2));")]
    [InlineData("uint", "[|x|]++;", "Interlocked.Increment(ref x);")]
    [InlineData("int", "[|x|]++; /* why */", "Interlocked.Increment(ref x); /* why */")]
    [InlineData("int", "if (i > 3) [|x|]++;", "if (i > 3) Interlocked.Increment(ref x);")]
    [InlineData("int", "Parallel.For(0, i, j => [|x|]++);", "Parallel.For(0, i, j => Interlocked.Increment(ref x));")]
    [InlineData("int", "if (i > 3) { [|x|]++; } else { [|x|] += 2; }", "if (i > 3) { Interlocked.Increment(ref x); } else { Interlocked.Add(ref x, 2); }")]
    public Task Fixed(string type, string before, string after) => VerifyAsync(type, before, after);

    [Theory]
    [InlineData("double", "[|x|] += i;")]
    [InlineData("short", "[|x|]++;")]
    [InlineData("int", "[|x|] *= 2;")]
    [InlineData("int", "[|x|] = Math.Max(x, i);")]
    [InlineData("int", "[|x|] = i;")]
    [InlineData("bool", "[|x|] |= i > 3;")]
    [InlineData("uint", "[|x|] -= 2;")]
    [InlineData("int", "checked { [|x|]++; }")]
    [InlineData("decimal", "[|x|]++;")]
    public Task No_fix(string type, string code) => VerifyAsync(type, code, code);

    [Fact]
    public Task Fields_with_and_without_this() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            int _count;
            static long s_total;
            void M() => Parallel.For(0, 9, i => { [|this._count|]++; [|_count|] += 2; [|C.s_total|] += i; });
        }
        """,
        """
        class C
        {
            int _count;
            static long s_total;
            void M() => Parallel.For(0, 9, i => { Interlocked.Increment(ref this._count); Interlocked.Add(ref _count, 2); Interlocked.Add(ref C.s_total, i); });
        }
        """);

    [Fact]
    public Task Both_sides_are_mended_or_none() => new Verify.Test
    {
        TestCode = Method(
            """
            int x = 0, y = 0;
            var a = Task.Run(() => [|x|]++);
            var b = Task.Run(() => [|x|]++);
            var c = Task.Run(() => { [|y|]++; });
            y++;
            await Task.WhenAll(a, b, c);
            x++;
            Parallel.For(0, 9, i => { [|x|]++; });
            x++;
            """),
        FixedCode = Method(
            """
            int x = 0, y = 0;
            var a = Task.Run(() => [|x|]++);
            var b = Task.Run(() => [|x|]++);
            var c = Task.Run(() => { [|y|]++; });
            y++;
            await Task.WhenAll(a, b, c);
            x++;
            Parallel.For(0, 9, i => { Interlocked.Increment(ref x); });
            x++;
            """),
    }.RunAsync();

    [Fact]
    public Task Tasks_side_by_side() => Verify.VerifyCodeFixAsync(
        Method("int x = 0; var a = Task.Run(() => { [|x|]++; }); var b = Task.Run(() => { [|x|]++; }); await Task.WhenAll(a, b); Console.WriteLine(x);"),
        Method("int x = 0; var a = Task.Run(() => { Interlocked.Increment(ref x); }); var b = Task.Run(() => { Interlocked.Increment(ref x); }); await Task.WhenAll(a, b); Console.WriteLine(x);"));

    private static string Method(string statements) => $$"""class C { async Task M() { {{statements}} } }""";

    [Fact]
    public Task A_property_has_no_reference() => Verify.VerifyNoCodeFixAsync(
        """
        class C
        {
            int Count { get; set; }
            void M() => Parallel.For(0, 9, i => { [|Count|]++; });
        }
        """);

    [Fact]
    public Task A_call_elsewhere_is_not_rewritten() => Verify.VerifyNoCodeFixAsync(
        """
        class C
        {
            int _count;
            void M() => Parallel.For(0, 9, i => { [|Bump()|]; });
            void Bump() => _count++;
        }
        """);

    [Fact]
    public Task An_awaited_value() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task<int> M(List<string> items)
            {
                int total = 0;
                await Task.WhenAll(items.Select(async item => [|total|] += await GetAsync(item)));
                return total;
            }

            Task<int> GetAsync(string item) => Task.FromResult(item.Length);
        }
        """,
        """
        class C
        {
            async Task<int> M(List<string> items)
            {
                int total = 0;
                await Task.WhenAll(items.Select(async item => Interlocked.Add(ref total, await GetAsync(item))));
                return total;
            }

            Task<int> GetAsync(string item) => Task.FromResult(item.Length);
        }
        """);

    [Fact]
    public Task The_using_is_added() => new Verify.Test
    {
        TestCode =
            """
            using System.Threading.Tasks;

            class C
            {
                static int s_count;
                static void M() => Parallel.For(0, 9, i => { [|s_count|]++; });
            }
            """,
        FixedCode =
            """
            using System.Threading;
            using System.Threading.Tasks;

            class C
            {
                static int s_count;
                static void M() => Parallel.For(0, 9, i => { Interlocked.Increment(ref s_count); });
            }
            """,
        ImplicitUsings = false,
    }.RunAsync();

    private static Task VerifyAsync(string type, string before, string after) => Verify.VerifyCodeFixAsync(
        Code(type, before),
        Code(type, after));

    private static string Code(string type, string body) =>
        $$"""
        class C
        {
            object M()
            {
                {{type}} x = default;
                Parallel.For(0, 9, i => { {{body}} });
                return x;
            }
        }
        """;
}
