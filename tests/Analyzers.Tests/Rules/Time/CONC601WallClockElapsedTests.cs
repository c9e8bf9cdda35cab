using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Time.CONC601WallClockElapsedAnalyzer,
    ConcurrencyAnalyzers.Rules.Time.CONC601WallClockElapsedCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Time;

/// <summary>What CONC601 flags, and what it leaves alone.</summary>
public sealed class CONC601WallClockElapsedTests
{
    private const string Helpers =
        """
            static void Work() { }
            static void Use(object x) { }
            static TimeSpan Limit => TimeSpan.FromSeconds(1);
            sealed class Stamped { public long Issued; public long Expires { get; set; } }
            sealed class Entry { public DateTime Created; public DateTime ExpiresAt { get; set; } }
        """;

    [Fact]
    public Task Message_names_the_clock_and_what_to_use() => Verify.VerifyAnalyzerAsync(
        "class C { static TimeSpan M() { var start = DateTime.UtcNow; return {|#0:DateTime.UtcNow - start|}; } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("DateTime.UtcNow", "it jumps when the clock is set", "Stopwatch.GetTimestamp and GetElapsedTime"));

    [Fact]
    public Task Message_for_the_counter() => Verify.VerifyAnalyzerAsync(
        "class C { static int M() { var start = Environment.TickCount; return {|#0:Environment.TickCount - start|}; } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("Environment.TickCount", "it wraps around after 25 days", "Environment.TickCount64"));

    [Theory]
    [InlineData("var start = DateTime.Now; Work(); Use([|DateTime.Now - start|]);")]
    [InlineData("DateTime start = DateTime.UtcNow; Work(); var ms = ([|DateTime.UtcNow - start|]).TotalMilliseconds; Use(ms);")]
    [InlineData("var start = DateTimeOffset.UtcNow; Work(); Use([|DateTimeOffset.UtcNow - start|]);")]
    [InlineData("var start = DateTimeOffset.Now; Work(); Use([|DateTimeOffset.Now.Subtract(start)|]);")]
    [InlineData("var start = DateTime.UtcNow; Work(); var end = DateTime.UtcNow; Use([|end - start|]);")]
    [InlineData("DateTime start; start = DateTime.UtcNow; Work(); Use([|DateTime.UtcNow - start|]);")]
    [InlineData("var start = DateTime.UtcNow; Work(); Use([|DateTime.UtcNow - start|]); Work(); Use(DateTime.UtcNow - start);")]
    [InlineData("var start = DateTime.UtcNow; if ([|DateTime.UtcNow - start|] > Limit) Work();")]
    [InlineData("var start = DateTime.UtcNow; Action f = () => Use([|DateTime.UtcNow - start|]); f();")]
    [InlineData("var start = DateTime.Now.Ticks; Work(); Use([|DateTime.Now.Ticks - start|]);")]
    [InlineData("var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(); Work(); Use([|DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - start|]);")]
    [InlineData("long start = DateTimeOffset.Now.ToUnixTimeSeconds(); Work(); var end = DateTimeOffset.Now.ToUnixTimeSeconds(); if ([|end - start|] > 5) Work();")]
    [InlineData("var start = DateTimeOffset.UtcNow; Work(); Use([|DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - start.ToUnixTimeMilliseconds()|]);")]
    public Task Elapsed_time(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("var deadline = DateTime.UtcNow + Limit; while ([|DateTime.UtcNow < deadline|]) Work();")]
    [InlineData("var deadline = DateTime.UtcNow.AddSeconds(5); while ([|DateTime.UtcNow < deadline|]) Work();")]
    [InlineData("var deadline = DateTime.Now.Add(Limit); do Work(); while ([|deadline > DateTime.Now|]);")]
    [InlineData("var deadline = DateTime.UtcNow.AddMinutes(1); Use([|deadline - DateTime.UtcNow|]);")]
    [InlineData("var start = DateTime.UtcNow; while ([|DateTime.UtcNow < start + Limit|]) Work();")]
    [InlineData("var start = DateTime.UtcNow; while ([|start.AddSeconds(2) > DateTime.UtcNow|]) Work();")]
    [InlineData("var until = Environment.TickCount + 500; while ([|Environment.TickCount < until|]) Work();")]
    [InlineData("var next = DateTime.UtcNow; while (true) { if ([|DateTime.UtcNow >= next|]) { Work(); next = next.AddSeconds(1); } }")]
    [InlineData("DateTime? start = null; Work(); start = DateTime.UtcNow; Use([|DateTime.UtcNow - start.Value|]);")]
    [InlineData("var deadline = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 30; while ([|DateTimeOffset.UtcNow.ToUnixTimeSeconds() < deadline|]) Work();")]
    [InlineData("var limit = 30; var deadline = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + limit; while ([|DateTimeOffset.UtcNow.ToUnixTimeSeconds() < deadline|]) Work();")]
    [InlineData("var wait = 500; var until = Environment.TickCount + wait; while ([|Environment.TickCount < until|]) Work();")]
    public Task Deadlines_and_pacing(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("private DateTime _start = DateTime.UtcNow; TimeSpan Elapsed => [|DateTime.UtcNow - _start|];")]
    [InlineData("private DateTime _last; void Tick() { var now = DateTime.UtcNow; if ([|now - _last|] < Limit) return; _last = now; Work(); }")]
    [InlineData("private static DateTime s_until; static void Open() => s_until = DateTime.UtcNow + Limit; static bool IsOpen => [|DateTime.UtcNow < s_until|];")]
    [InlineData("private readonly DateTime _start; C() { _start = DateTime.Now; } void M() { Use([|DateTime.Now - _start|]); } void N() { Use([|DateTime.Now - this._start|]); }")]
    [InlineData("private DateTime _last = DateTime.MinValue; bool Due() { if (_last == DateTime.MinValue || [|DateTime.UtcNow - _last|] > Limit) { _last = DateTime.UtcNow; return true; } return false; }")]
    [InlineData("private DateTime _since; void Set(bool on) => _since = on ? DateTime.UtcNow : new DateTime(0); bool Due() => _since > DateTime.MinValue && [|DateTime.UtcNow - _since|] > Limit;")]
    [InlineData("private DateTime? _last; bool Due() => _last is null || [|DateTime.UtcNow - _last|] > Limit; void Done() => _last = DateTime.UtcNow;")]
    [InlineData("private long _last; bool Due() { var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(); if ([|now - _last|] < 500) return false; _last = now; return true; }")]
    public Task Fields(string members) => Verify.VerifyAnalyzerAsync("class C { " + members + Helpers + " }");

    [Fact]
    public Task Fields_in_parts_of_a_type()
    {
        var test = new Verify.Test { TestCode = "partial class C { private DateTime _start; TimeSpan Elapsed => [|DateTime.UtcNow - _start|]; }" };
        test.Sources.Add(("Other.cs", "partial class C { void Start() => _start = DateTime.UtcNow; }"));
        return test.RunAsync();
    }

    [Fact]
    public Task Fields_that_another_part_persists()
    {
        var test = new Verify.Test { TestCode = "partial class C { private DateTime _start; TimeSpan Elapsed => DateTime.UtcNow - _start; }" };
        test.Sources.Add(("Other.cs", "partial class C { void Start() => _start = DateTime.UtcNow; string Text => $\"since {_start:T}\"; }"));
        return test.RunAsync();
    }

    [Theory]
    [InlineData("var now = DateTime.UtcNow; Use(now);")]
    [InlineData("var start = DateTime.UtcNow; Work(); Use($\"started {start}, took {DateTime.UtcNow - start}\");")]
    [InlineData("var start = DateTime.UtcNow; Use(start); Use(DateTime.UtcNow - start);")]
    [InlineData("var entry = new Entry { Created = DateTime.UtcNow }; Use(DateTime.UtcNow - entry.Created);")]
    [InlineData("var entry = new Entry(); if (entry.ExpiresAt < DateTime.UtcNow) Work();")]
    [InlineData("var entry = new Entry(); var now = DateTime.UtcNow; if (entry.ExpiresAt < now) Work(); Use(now - DateTime.UtcNow);")]
    [InlineData("var cutoff = DateTime.UtcNow.AddMinutes(-5); var entry = new Entry(); if (entry.Created < cutoff) Work();")]
    [InlineData("var cutoff = DateTime.UtcNow - Limit; Use(new[] { new Entry() }.Where(e => e.Created > cutoff));")]
    [InlineData("var file = File.GetLastWriteTimeUtc(\"x\"); Use(DateTime.UtcNow - file);")]
    [InlineData("Use(DateTime.UtcNow - new DateTime(2020, 1, 1));")]
    [InlineData("Use(DateTime.UtcNow - DateTime.UnixEpoch);")]
    [InlineData("Use(DateTime.Now - DateTime.UtcNow);")]
    [InlineData("var birthday = DateTime.Parse(\"2001-01-01\"); Use((DateTime.Now - birthday).TotalDays);")]
    [InlineData("var tomorrow = DateTime.Now.Date.AddDays(1); Use(tomorrow - DateTime.Now);")]
    [InlineData("var later = DateTime.Now.AddDays(1); while (DateTime.Now < later) Work();")]
    [InlineData("var today = DateTime.Today; Use(DateTime.Now - today);")]
    [InlineData("var start = Environment.TickCount64; Use(Environment.TickCount64 - start);")]
    [InlineData("var start = Environment.TickCount; Use(unchecked(Environment.TickCount - start));")]
    [InlineData("var start = (uint)Environment.TickCount; Use((uint)Environment.TickCount - start);")]
    [InlineData("var seed = new Random(Environment.TickCount);")]
    [InlineData("if (DateTime.Now.Hour > 12 && DateTime.Now.DayOfWeek == DayOfWeek.Monday) Work();")]
    [InlineData("var start = System.Diagnostics.Stopwatch.GetTimestamp(); Use(System.Diagnostics.Stopwatch.GetElapsedTime(start));")]
    [InlineData("var (start, end) = (DateTime.Now, DateTime.Now); Use(end - start);")]
    [InlineData("var times = new List<DateTime> { DateTime.Now }; Use(DateTime.Now - times[0]);")]
    [InlineData("var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds(); Use(now);")]
    [InlineData("var start = DateTimeOffset.UtcNow.ToUnixTimeSeconds(); Work(); Use($\"{start}\"); Use(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - start);")]
    [InlineData("var issued = long.Parse(\"1\"); if (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - issued > 300) Work();")]
    [InlineData("var entry = new Stamped(); var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds(); if (entry.Expires < now || now - entry.Issued > 300) Work();")]
    [InlineData("var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(); Use(new Stamped { Issued = start }); Use(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - start);")]
    [InlineData("var n = 3; var seed = Environment.TickCount + n; Use(new Random(seed));")]
    [InlineData("var day = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 86400; Work(); if (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 86400 > day) Work();")]
    [InlineData("var x = Mine.DateTime.Now; Use(Mine.DateTime.Now - x);")]
    public Task Points_in_time_are_left_alone(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("public DateTime Start = DateTime.UtcNow; TimeSpan Elapsed => DateTime.UtcNow - Start;")]
    [InlineData("protected DateTime _start = DateTime.UtcNow; TimeSpan Elapsed => DateTime.UtcNow - _start;")]
    [InlineData("DateTime Start { get; } = DateTime.UtcNow; TimeSpan Elapsed => DateTime.UtcNow - Start;")]
    [InlineData("private DateTime _start = DateTime.UtcNow; public DateTime Start => _start; TimeSpan Elapsed => DateTime.UtcNow - _start;")]
    [InlineData("private DateTime _start; C(DateTime start) => _start = start; TimeSpan Elapsed => DateTime.UtcNow - _start;")]
    [InlineData("private DateTime _seen; void See(C other) { _seen = DateTime.UtcNow; Use(DateTime.UtcNow - other._seen); }")]
    [InlineData("static TimeSpan Age(DateTime born) => DateTime.UtcNow - born;")]
    [InlineData("private DateTime _next; void M() { _next = DateTime.Now.AddHours(6); } bool Due => DateTime.Now > _next;")]
    [InlineData("private DateTime _expires; void M(long expires) { _expires = DateTime.UnixEpoch.AddSeconds(expires); if (_expires - DateTime.UtcNow < Limit) _expires = DateTime.UtcNow.AddMinutes(5); } bool Due => DateTime.UtcNow > _expires;")]
    public Task Members_that_others_see_are_left_alone(string members) => Verify.VerifyAnalyzerAsync("class C { " + members + Helpers + " }");

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { static TimeSpan M() { var start = DateTime.UtcNow; return DateTime.UtcNow - start; } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { void M() { var start = DateTime.UtcNow; var x = DateTime.UtcNow - ; } }")]
    [InlineData("class C { void M() { var start = DateTime.UtcNow; var x = DateTime.UtcNow - missing; } }")]
    [InlineData("class C { private DateTime _x = DateTime. ; void M() { var y = DateTime.Now - _x; } }")]
    [InlineData("class C { private DateTime _x = DateTime.Now; private DateTime _x = DateTime.Now; void M() { var y = DateTime.Now - _x; } }")]
    [InlineData("class C { void M() { var start = DateTime.UtcNow; var x = [|DateTime.UtcNow - start|] ")]
    public Task Incomplete_code(string code) =>
        new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Fact]
    public Task Top_level_statements() => Verify.VerifyAnalyzerAsync(
        """
        var start = DateTime.UtcNow;
        Console.WriteLine([|DateTime.UtcNow - start|]);
        """);

    private static Task VerifyInMethod(string statements) => Verify.VerifyAnalyzerAsync(
        "class C { void M() { " + statements + " } " + Helpers + " } namespace Mine { static class DateTime { public static int Now => 1; } }");
}
