using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC508MixedInterlockedAnalyzer,
    ConcurrencyAnalyzers.Rules.SharedState.CONC508MixedInterlockedCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

public sealed class CONC508MixedInterlockedTests
{
    [Theory]
    [InlineData("[|_count++|];", "Interlocked.Increment(ref _count);")]
    [InlineData("[|--_count|];", "Interlocked.Decrement(ref _count);")]
    [InlineData("[|_count += n|];", "Interlocked.Add(ref _count, n);")]
    [InlineData("[|_count -= 2|];", "Interlocked.Add(ref _count, -2);")]
    [InlineData("[|_count = _count + n|];", "Interlocked.Add(ref _count, n);")]
    [InlineData("[|_count = 0|];", "Interlocked.Exchange(ref _count, 0);")]
    [InlineData("[|this._count = 0|]; // reset", "Interlocked.Exchange(ref this._count, 0); // reset")]
    [InlineData("[|s_total++|];", "Interlocked.Increment(ref s_total);")]
    [InlineData("[|C.s_total = 0L|];", "Interlocked.Exchange(ref C.s_total, 0L);")]
    [InlineData("[|_flag++|];", "Interlocked.Increment(ref _flag);")]
    [InlineData("Action later = () => [|_count++|]; later();", "Action later = () => Interlocked.Increment(ref _count); later();")]
    [InlineData("Use([|_count++|]);", "Use(Interlocked.Increment(ref _count) - 1);")]
    [InlineData("if (n > 0) [|_count++|]; else [|_count--|];", "if (n > 0) Interlocked.Increment(ref _count); else Interlocked.Decrement(ref _count);")]
    [InlineData("other.Reset(); [|other._count = 0|];", "other.Reset(); Interlocked.Exchange(ref other._count, 0);")]
    public Task Fixed(string before, string after) => Verify.VerifyCodeFixAsync(Code(before), Code(after));

    [Theory]
    [InlineData("[|_count *= 2|];")]
    [InlineData("[|_count = Math.Max(_count, n)|];")]
    [InlineData("Use([|_count = 0|]);")]
    [InlineData("checked { [|_count++|]; }")]
    public Task Flagged_without_a_fix(string body) => Verify.VerifyNoCodeFixAsync(Code(body));

    [Theory]
    [InlineData("Parallel.For(0, 9, i => _count++);")] // CONC501 says it.
    [InlineData("Interlocked.Increment(ref _count);")]
    [InlineData("Volatile.Write(ref _count, 0);")]
    [InlineData("var n1 = _count; Use(_count);")]
    [InlineData("lock (_gate) _count++;")]
    [InlineData("lock (_gate) { _count = 0; }")]
    [InlineData("_flag = 0;")]
    [InlineData("_cache = null;")]
    [InlineData("_cache = new object();")]
    [InlineData("_readOnly = 0;")]
    [InlineData("_plain++;")]
    [InlineData("var fresh = new C(); fresh._count = 3;")]
    [InlineData("var fresh = new C { _count = 3 };")]
    [InlineData("int _count = 0; _count++;")]
    [InlineData("_volatile = 0;")]
    [InlineData("_other._count++;")]
    [InlineData("_sums[0]++;")]
    public Task Not_flagged(string body) => Verify.VerifyAnalyzerAsync(Code(body));

    [Fact]
    public Task Construction_and_set_up_are_alone() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            private int _count = 3;
            private static int s_count;
            static C() { s_count = 1; }
            C() { _count = 0; _count++; Later(() => [|_count++|]); }
            void Initialize() { _count = 0; }
            void StartCounting() => _count = 0;
            void Dispose() => _count = -1;
            void CountLocked() => _count++;
            public int Count { get => Volatile.Read(ref _count); init => _count = value; }
            void Reset() => [|_count = 0|];
            void Up() { Interlocked.Increment(ref _count); Interlocked.Increment(ref s_count); }
            static void Later(Action action) => action();
        }
        """);

    [Fact]
    public Task The_update_stands_in_another_part() => new Verify.Test
    {
        TestCode = "partial class C { private int _count; void Reset() { [|_count = 0|]; } }",
        Sources = { ("Other.cs", "partial class C { void Up() => Interlocked.Increment(ref _count); class Inner { void Down(C c) { Interlocked.Decrement(ref c._count); [|c._count--|]; } } }") },
    }.RunAsync();

    [Fact]
    public Task Generic_types() => Verify.VerifyAnalyzerAsync(
        """
        class C<T>
        {
            private static int s_count;
            void Up() => Interlocked.Increment(ref s_count);
            void Down() { [|C<int>.s_count--|]; [|s_count--|]; }
        }
        """);

    [Fact]
    public Task A_field_of_the_same_name_elsewhere() => Verify.VerifyAnalyzerAsync(
        """
        class Other { public int Count; }
        class C
        {
            public int Count;
            void Up(Other other) => Interlocked.Increment(ref other.Count);
            void Down() => Count--;
        }
        """);

    [Fact]
    public Task Another_Interlocked() => Verify.VerifyAnalyzerAsync(
        """
        static class Interlocked { public static void Increment(ref int x) => x++; }
        class C
        {
            private int _count;
            void Up() => Interlocked.Increment(ref _count);
            void Down() => _count--;
        }
        """);

    [Fact]
    public Task Message_names_field_and_method() => Verify.VerifyAnalyzerAsync(
        "class C { int _n; void Up() { Interlocked.Exchange(ref _n, 1); Interlocked.Add(ref _n, 2); } void Down() => {|#0:_n--|}; }",
        Verify.Diagnostic().WithLocation(0).WithArguments("_n", "Add"));

    [Fact]
    public Task Code_that_does_not_compile() => new Verify.Test
    {
        TestCode = "class C { int _n; void Up() { Interlocked.Add(ref _n, ); Interlocked.Increment(ref ); } void Down() { _n = ; _n++ } }",
        CompilerDiagnostics = CompilerDiagnostics.None,
    }.AnalyzeAsync();

    [Fact]
    public Task Generated_code_is_left_alone() => Verify.VerifyAnalyzerAsync(
        """
        // <auto-generated/>
        class C { int _n; void Up() => Interlocked.Increment(ref _n); void Down() => _n--; }
        """);

    private static string Code(string body) =>
        $$"""
        class Another { public int _count; }

        class C
        {
            private readonly object _gate = new();
            private readonly Another _other = new();
            private readonly int[] _sums = new int[3];
            private int _count, _flag, _plain;
            private long _readOnly;
            private volatile int _volatile;
            private object? _cache;
            private static long s_total;

            void M(C other, int n)
            {
                {{body}}
            }

            void Up()
            {
                Interlocked.Increment(ref _count);
                Interlocked.Add(ref s_total, 3);
                Interlocked.CompareExchange(ref _flag, 1, 0);
                Interlocked.Exchange(ref _cache, null);
                Interlocked.Read(ref _readOnly);
                Interlocked.Increment(ref _volatile);
                Interlocked.Increment(ref _sums[0]);
            }

            void Reset() { }
            static void Use(int value) { }
        }
        """;
}
