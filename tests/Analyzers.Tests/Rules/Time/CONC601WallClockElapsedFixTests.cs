using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Time.CONC601WallClockElapsedAnalyzer,
    ConcurrencyAnalyzers.Rules.Time.CONC601WallClockElapsedCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Time;

/// <summary>The fix of CONC601 writes timestamps wherever the readings go, or isn't offered.</summary>
public sealed class CONC601WallClockElapsedFixTests
{
    private const string Usings = "using System.Diagnostics;\n\n";

    [Theory]
    [InlineData("var start = DateTime.UtcNow; Work(); Use([|DateTime.UtcNow - start|]);", "var start = Stopwatch.GetTimestamp(); Work(); Use(Stopwatch.GetElapsedTime(start));")]
    [InlineData("DateTime start = DateTime.Now; Work(); Use(([|DateTime.Now - start|]).TotalSeconds);", "long start = Stopwatch.GetTimestamp(); Work(); Use(Stopwatch.GetElapsedTime(start).TotalSeconds);")]
    [InlineData("var start = DateTimeOffset.UtcNow; Work(); Use([|DateTimeOffset.UtcNow.Subtract(start)|]);", "var start = Stopwatch.GetTimestamp(); Work(); Use(Stopwatch.GetElapsedTime(start));")]
    [InlineData("var start = DateTime.UtcNow; Work(); var end = DateTime.UtcNow; Use([|end - start|]);", "var start = Stopwatch.GetTimestamp(); Work(); var end = Stopwatch.GetTimestamp(); Use(Stopwatch.GetElapsedTime(start, end));")]
    [InlineData("var start = DateTime.UtcNow; Use([|DateTime.UtcNow - start|]); Use(DateTime.UtcNow - start); start = DateTime.UtcNow;", "var start = Stopwatch.GetTimestamp(); Use(Stopwatch.GetElapsedTime(start)); Use(Stopwatch.GetElapsedTime(start)); start = Stopwatch.GetTimestamp();")]
    [InlineData("DateTime a = DateTime.UtcNow, b = DateTime.UtcNow; Use([|b - a|]);", "long a = Stopwatch.GetTimestamp(), b = Stopwatch.GetTimestamp(); Use(Stopwatch.GetElapsedTime(a, b));")]
    [InlineData("var start = DateTime.UtcNow; if ([|DateTime.UtcNow < start|]) Work();", "var start = Stopwatch.GetTimestamp(); if (Stopwatch.GetTimestamp() < start) Work();")]
    public Task Elapsed_time(string before, string after) => VerifyInMethod(before, after);

    [Theory]
    [InlineData("var deadline = DateTime.UtcNow + Limit; while ([|DateTime.UtcNow < deadline|]) Work();", "var started = Stopwatch.GetTimestamp(); while (Stopwatch.GetElapsedTime(started) < Limit) Work();")]
    [InlineData("var deadline = DateTime.UtcNow.AddSeconds(5); while ([|deadline >= DateTime.UtcNow|]) Work();", "var started = Stopwatch.GetTimestamp(); while (TimeSpan.FromSeconds(5) >= Stopwatch.GetElapsedTime(started)) Work();")]
    [InlineData("DateTime deadline = DateTime.Now.Add(wait); Work(); Use([|deadline - DateTime.Now|]);", "long started = Stopwatch.GetTimestamp(); Work(); Use(wait - Stopwatch.GetElapsedTime(started));")]
    [InlineData("var deadline = DateTime.UtcNow + (wait + wait); if ([|DateTime.UtcNow > deadline|]) Work();", "var started = Stopwatch.GetTimestamp(); if (Stopwatch.GetElapsedTime(started) > (wait + wait)) Work();")]
    public Task Deadlines(string before, string after) => VerifyInMethod(before, after);

    [Fact]
    public Task Lines_and_comments_stay() => Verify.VerifyCodeFixAsync(
        """
        using System.Diagnostics;

        class C
        {
            void M()
            {
                // When it began.
                var start = DateTime.UtcNow; // now
                Debug.WriteLine(
                    [|DateTime.UtcNow - start|]); // in all
            }
        }
        """,
        """
        using System.Diagnostics;

        class C
        {
            void M()
            {
                // When it began.
                var start = Stopwatch.GetTimestamp(); // now
                Debug.WriteLine(
                    Stopwatch.GetElapsedTime(start)); // in all
            }
        }
        """);

    [Fact]
    public Task The_using_is_added() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            static TimeSpan M() { var start = DateTime.UtcNow; return [|DateTime.UtcNow - start|]; }
        }
        """,
        """
        using System.Diagnostics;

        class C
        {
            static TimeSpan M() { var start = Stopwatch.GetTimestamp(); return Stopwatch.GetElapsedTime(start); }
        }
        """);

    [Theory]
    [InlineData(
        "private DateTime _start = DateTime.UtcNow; TimeSpan Elapsed => [|DateTime.UtcNow - _start|];",
        "private long _start = Stopwatch.GetTimestamp(); TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);")]
    [InlineData(
        "private readonly DateTime _start; C() { _start = DateTime.UtcNow; } TimeSpan Elapsed => [|DateTime.UtcNow - _start|];",
        "private readonly long _start; C() { _start = Stopwatch.GetTimestamp(); } TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);")]
    [InlineData(
        "private DateTime _last = DateTime.UtcNow; void Tick() { var now = DateTime.UtcNow; if ([|now - _last|] > TimeSpan.Zero) _last = now; }",
        "private long _last = Stopwatch.GetTimestamp(); void Tick() { var now = Stopwatch.GetTimestamp(); if (Stopwatch.GetElapsedTime(_last, now) > TimeSpan.Zero) _last = now; }")]
    public Task Fields(string before, string after) => Verify.VerifyCodeFixAsync(Usings + "class C { " + before + " }", Usings + "class C { " + after + " }");

    [Theory]
    [InlineData("private DateTime _last; bool Due => [|DateTime.UtcNow - _last|] > TimeSpan.Zero; void Done() => _last = DateTime.UtcNow;")]
    [InlineData("private DateTime? _last; bool Due => [|DateTime.UtcNow - _last|] > TimeSpan.Zero; void Done() => _last = DateTime.UtcNow;")]
    [InlineData("private DateTime _until = DateTime.UtcNow; bool Due => [|DateTime.UtcNow > _until|]; void Done() => _until = DateTime.UtcNow.AddSeconds(1);")]
    [InlineData("private DateTime _start = DateTime.UtcNow, _other = DateTime.MinValue; TimeSpan Elapsed => [|DateTime.UtcNow - _start|];")]
    [InlineData("void M(TimeSpan wait) { var until = DateTime.UtcNow + wait; wait = default; while ([|DateTime.UtcNow < until|]) ; }")]
    [InlineData("static TimeSpan Next() => default; void M() { var until = DateTime.UtcNow + Next(); while ([|DateTime.UtcNow < until|]) ; }")]
    [InlineData("TimeSpan Wait { get; set; } void M() { var until = DateTime.UtcNow + Wait; while ([|DateTime.UtcNow < until|]) ; }")]
    [InlineData("void M() { var until = DateTime.UtcNow.AddSeconds(1); while ([|DateTime.UtcNow < until|]) until = until.AddSeconds(1); }")]
    [InlineData("int M() { var start = Environment.TickCount; return [|Environment.TickCount - start|]; }")]
    [InlineData("long M() { var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(); return [|DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - start|]; }")]
    [InlineData("long M() { var start = DateTimeOffset.UtcNow; return [|DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - start.ToUnixTimeMilliseconds()|]; }")]
    [InlineData("void M() { var until = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 5; while ([|DateTimeOffset.UtcNow.ToUnixTimeSeconds() < until|]) ; }")]
    [InlineData("long M() { var start = DateTime.Now.Ticks; return [|DateTime.Now.Ticks - start|]; }")]
    public Task No_fix_where_the_whole_flow_cannot_be_rewritten(string members) => Verify.VerifyNoCodeFixAsync("class C { " + members + " }");

    [Theory]
    [InlineData("int start = Environment.TickCount; while ([|Environment.TickCount - start|] < 500) Work();", "long start = Environment.TickCount64; while (Environment.TickCount64 - start < 500) Work();")]
    [InlineData("var end = Environment.TickCount + 500; while ([|Environment.TickCount < end|]) Work();", "var end = Environment.TickCount64 + 500; while (Environment.TickCount64 < end) Work();")]
    [InlineData("var many = 500; int end = Environment.TickCount + many; while ([|Environment.TickCount < end|]) Work();", "var many = 500; long end = Environment.TickCount64 + many; while (Environment.TickCount64 < end) Work();")]
    public Task Counters(string before, string after) => VerifyInMethod(before, after);

    [Fact]
    public Task The_TimeProvider_in_scope_is_used() => Verify.VerifyCodeFixAsync(
        """
        class C(TimeProvider timeProvider)
        {
            TimeSpan M()
            {
                var start = DateTime.UtcNow;
                return [|DateTime.UtcNow - start|];
            }
        }
        """,
        """
        class C(TimeProvider timeProvider)
        {
            TimeSpan M()
            {
                var start = timeProvider.GetTimestamp();
                return timeProvider.GetElapsedTime(start);
            }
        }
        """);

    [Fact]
    public Task Older_frameworks_have_no_GetElapsedTime() => new Verify.Test
    {
        TestCode = "using System; class C { static TimeSpan M() { var start = DateTime.UtcNow; return [|DateTime.UtcNow - start|]; } }",
        FixedCode = "using System; class C { static TimeSpan M() { var start = DateTime.UtcNow; return [|DateTime.UtcNow - start|]; } }",
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
        ImplicitUsings = false,
        WithRuntime = false,
    }.RunAsync();

    private static Task VerifyInMethod(string before, string after) => Verify.VerifyCodeFixAsync(InMethod(before), InMethod(after));

    private static string InMethod(string statements) =>
        Usings + "class C { void M(TimeSpan wait) { " + statements + " } static void Work() { } static void Use(object x) { } static readonly TimeSpan Limit = TimeSpan.FromSeconds(1); }";
}
