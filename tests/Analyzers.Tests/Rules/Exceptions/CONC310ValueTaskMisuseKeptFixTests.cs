using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC310ValueTaskMisuseAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC310ValueTaskMisuseCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

/// <summary>The fixes of fields and parameters.</summary>
public sealed class CONC310ValueTaskMisuseKeptFixTests
{
    [Theory]
    [InlineData("private ValueTask<int> _read; void M() { _read = [|ReadAsync()|]; } async Task<int> N() => await _read;", "private Task<int> _read = Task.FromResult(default(int)); void M() { _read = ReadAsync().AsTask(); } async Task<int> N() => await _read;")]
    [InlineData("ValueTask _flush; void M() => _flush = [|FlushAsync()|]; async Task N() { await _flush.ConfigureAwait(false); await this._flush; }", "Task _flush = Task.CompletedTask; void M() => _flush = FlushAsync().AsTask(); async Task N() { await _flush.ConfigureAwait(false); await this._flush; }")]
    [InlineData("static ValueTask s_flush; void M() { s_flush = [|FlushAsync()|]; C.s_flush.GetAwaiter().GetResult(); }", "static Task s_flush = Task.CompletedTask; void M() { s_flush = FlushAsync().AsTask(); C.s_flush.GetAwaiter().GetResult(); }")]
    [InlineData("System.Threading.Tasks.ValueTask _flush; void M() { _flush = [|FlushAsync()|]; }", "System.Threading.Tasks.Task _flush = Task.CompletedTask; void M() { _flush = FlushAsync().AsTask(); }")]
    [InlineData("ValueTask<int> _read; void M() { _read = [|ReadAsync()|]; } int N() => _read.IsCompleted ? _read.Result : 0;", "Task<int> _read = Task.FromResult(default(int)); void M() { _read = ReadAsync().AsTask(); } int N() => _read.IsCompleted ? _read.GetAwaiter().GetResult() : 0;")]
    [InlineData("ValueTask<int> _read; void M() { _read = [|ReadAsync()|]; } ValueTask<int> N() => _read; ValueTask<int> O() { return this._read; }", "Task<int> _read = Task.FromResult(default(int)); void M() { _read = ReadAsync().AsTask(); } ValueTask<int> N() => new ValueTask<int>(_read); ValueTask<int> O() { return new ValueTask<int>(this._read); }")]
    [InlineData("ValueTask<int> _read; void M() { _read = [|ReadAsync()|]; } Task<int> N() => _read.AsTask();", "Task<int> _read = Task.FromResult(default(int)); void M() { _read = ReadAsync().AsTask(); } Task<int> N() => _read;")]
    [InlineData("ValueTask<int> _read; void M(bool flag) { if (flag) _read = [|ReadAsync()|]; else _read = [|ReadAsync(2)|]; } string N() => nameof(_read);", "Task<int> _read = Task.FromResult(default(int)); void M(bool flag) { if (flag) _read = ReadAsync().AsTask(); else _read = ReadAsync(2).AsTask(); } string N() => nameof(_read);")]
    [InlineData("readonly ValueTask _flush; C() { _flush = [|FlushAsync()|]; }", "readonly Task _flush = Task.CompletedTask; C() { _flush = FlushAsync().AsTask(); }", ": Parent")]
    // Set by the constructor before all else.
    [InlineData("readonly ValueTask _flush; C() { _flush = [|FlushAsync()|]; } async Task N() => await _flush;", "readonly Task _flush; C() { _flush = FlushAsync().AsTask(); } async Task N() => await _flush;")]
    [InlineData("readonly ValueTask _flush; readonly int _n; C(int n) { _n = n; this._flush = [|FlushAsync()|]; }", "readonly Task _flush; readonly int _n; C(int n) { _n = n; this._flush = FlushAsync().AsTask(); }")]
    [InlineData("readonly ValueTask _flush; C() { Use(1); _flush = [|FlushAsync()|]; }", "readonly Task _flush = Task.CompletedTask; C() { Use(1); _flush = FlushAsync().AsTask(); }")]
    [InlineData("ValueTask _flush; C() { _flush = [|FlushAsync()|]; } C(int n) { }", "Task _flush = Task.CompletedTask; C() { _flush = FlushAsync().AsTask(); } C(int n) { }")]
    public Task A_field(string before, string after, string? bases = null) => Verify.VerifyCodeFixAsync(Class(before, bases), Class(after, bases));

    [Fact]
    public Task A_field_of_a_reference() => new Verify.Test
    {
        TestCode = "class C { ValueTask<string> _name; /* kept */ void M(Func<ValueTask<string>> get) { _name = [|get()|]; // now\n } async Task<string> N() => await _name; }",
        FixedCode = "class C { Task<string> _name = Task.FromResult<string>(default!); /* kept */ void M(Func<ValueTask<string>> get) { _name = get().AsTask(); // now\n } async Task<string> N() => await _name; }",
        TestNullableDisabled = false,
    }.RunAsync();

    [Fact]
    public Task A_field_of_a_value() => Verify.VerifyCodeFixAsync(
        "class C { ValueTask<long> _size; ValueTask<DateTime> _at; void M(Func<ValueTask<long>> size, Func<ValueTask<DateTime>> at) { _size = [|size()|]; _at = [|at()|]; } }",
        "class C { Task<long> _size = Task.FromResult(default(long)); Task<DateTime> _at = Task.FromResult(default(DateTime)); void M(Func<ValueTask<long>> size, Func<ValueTask<DateTime>> at) { _size = size().AsTask(); _at = at().AsTask(); } }");

    [Fact]
    public Task A_field_of_a_reference_that_may_be_null() => Verify.VerifyCodeFixAsync(
        "#nullable enable\nclass C { ValueTask<string?> _name; void M(Func<ValueTask<string?>> get) { _name = [|get()|]; } async Task<string?> N() => await _name; }",
        "#nullable enable\nclass C { Task<string?> _name = Task.FromResult<string?>(default); void M(Func<ValueTask<string?>> get) { _name = get().AsTask(); } async Task<string?> N() => await _name; }");

    [Fact]
    public Task A_field_where_there_are_no_annotations() => Verify.VerifyCodeFixAsync(
        "#nullable disable\nclass C { ValueTask<string> _name; void M(Func<ValueTask<string>> get) { _name = [|get()|]; } async Task<string> N() => await _name; }",
        "#nullable disable\nclass C { Task<string> _name = Task.FromResult<string>(default); void M(Func<ValueTask<string>> get) { _name = get().AsTask(); } async Task<string> N() => await _name; }");

    [Theory]
    // Seen from elsewhere.
    [InlineData("internal ValueTask<int> Read; void M() { Read = [|ReadAsync()|]; }")]
    [InlineData("ValueTask Flushed { get; set; } void M() { Flushed = [|FlushAsync()|]; }")]
    // Copied, passed on, compared.
    [InlineData("ValueTask<int> _read; void M() { _read = [|ReadAsync()|]; } async Task N() { var read = _read; await read; }")]
    [InlineData("ValueTask<int> _read; void M() { _read = [|ReadAsync()|]; Use(_read); }")]
    [InlineData("ValueTask<int> _read; void M() { _read = [|ReadAsync()|]; Fill(ref _read); }")]
    [InlineData("ValueTask<int> _read; void M() { _read = [|ReadAsync()|]; } bool N() => _read == ReadAsync();")]
    [InlineData("ValueTask<int> _read; void M() { _read = [|ReadAsync()|]; } ValueTask<int> N() => _read.Preserve();")]
    [InlineData("ValueTask<int> _read; void M() { _read = [|ReadAsync()|]; } bool N() => _read is { IsCompleted: true };")]
    [InlineData("ValueTask<int> _read; void M() { Use(_read = [|ReadAsync()|]); }")]
    [InlineData("ValueTask<int> _read, _other; void M() { _read = [|ReadAsync()|]; }")]
    // Another object's, in a member that the fix doesn't see into.
    [InlineData("ValueTask<int> _read; void M() { _read = [|ReadAsync()|]; } void N(C? other) { Use(other?._read); }")]
    // A default struct would have no task.
    [InlineData("struct S { ValueTask _flush; void M(C c) { _flush = [|c.FlushAsync()|]; } }")]
    public Task A_field_that_stays(string members) => Verify.VerifyNoCodeFixAsync(Class(members));

    [Fact]
    public Task A_field_in_parts_that_stays() => new Verify.Test
    {
        TestCode = "partial class C { ValueTask _flush; void M(Stream s) { _flush = [|s.DisposeAsync()|]; } }",
        FixedCode = "partial class C { ValueTask _flush; void M(Stream s) { _flush = [|s.DisposeAsync()|]; } }",
        Sources = { ("Other.cs", "partial class C { async Task N() { await _flush; } }") },
    }.RunAsync();

    [Theory]
    [InlineData("async Task M(ValueTask read) { await read; await [|read|]; }", "async Task M(ValueTask read) { var task = read.AsTask(); await task; await task; }")]
    [InlineData("async Task M(ValueTask<int> read) { Use(nameof(read)); if (read.IsCompleted) { Use(await read.ConfigureAwait(false)); } Use(await [|read|]); }", "async Task M(ValueTask<int> read) { var task = read.AsTask(); Use(nameof(read)); if (task.IsCompleted) { Use(await task.ConfigureAwait(false)); } Use(await task); }")]
    [InlineData("async Task M(ValueTask<int> read, int task) { await read; await [|read|]; Use(task); }", "async Task M(ValueTask<int> read, int task) { var readTask = read.AsTask(); await readTask; await readTask; Use(task); }")]
    [InlineData("async Task M(ValueTask<int> @class) { await @class; await [|@class|]; }", "async Task M(ValueTask<int> @class) { var task = @class.AsTask(); await task; await task; }")]
    [InlineData("void M(ValueTask<int> read) { Use(read.AsTask()); Use([|read|].AsTask()); }", "void M(ValueTask<int> read) { var task = read.AsTask(); Use(task); Use(task); }")]
    [InlineData("ValueTask<int> M(ValueTask<int> read) { Use(read.AsTask()); return [|read|]; }", "ValueTask<int> M(ValueTask<int> read) { var task = read.AsTask(); Use(task); return new ValueTask<int>(task); }")]
    [InlineData("async Task M(bool flag, ValueTask<int> read) { while (flag) { await [|read|]; } }", "async Task M(bool flag, ValueTask<int> read) { var task = read.AsTask(); while (flag) { await task; } }")]
    [InlineData("async Task M() { await F(ReadAsync()); async Task F(ValueTask<int> read) { await read; await [|read|]; } }", "async Task M() { await F(ReadAsync()); async Task F(ValueTask<int> read) { var task = read.AsTask(); await task; await task; } }")]
    [InlineData("void M() { Func<ValueTask, Task> f = async (ValueTask flush) => { await flush; await [|flush|]; }; Use(f); }", "void M() { Func<ValueTask, Task> f = async (ValueTask flush) => { var task = flush.AsTask(); await task; await task; }; Use(f); }")]
    [InlineData("async Task M(ValueTask a, ValueTask b) { await a; await [|a|]; await b; await [|b|]; }", "async Task M(ValueTask a, ValueTask b) { var bTask = b.AsTask(); var task = a.AsTask(); await task; await task; await bTask; await bTask; }", true)]
    public Task A_parameter(string before, string after, bool isTwo = false) => isTwo
        ? new Verify.Test { TestCode = Class(before), FixedCode = Class(after), BatchFixedCode = Class("async Task M(ValueTask a, ValueTask b) { var aTask = a.AsTask(); var task = b.AsTask(); await aTask; await aTask; await task; await task; }") }.RunAsync()
        : Verify.VerifyCodeFixAsync(Class(before), Class(after));

    [Fact]
    public Task A_parameter_with_layout_and_comments() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task<int> MAsync(ValueTask<int> read) // twice
            {
                // The first.
                await read; // one

                return await [|read|]; // two
            }
        }
        """,
        """
        class C
        {
            async Task<int> MAsync(ValueTask<int> read) // twice
            {
                var task = read.AsTask();
                // The first.
                await task; // one

                return await task; // two
            }
        }
        """);

    [Theory]
    [InlineData("async Task M(ValueTask<int> read) { await read; Take(read); await [|read|]; }")]
    [InlineData("async Task M(ValueTask<int> read) { await read; await [|read|]; read = ReadAsync(); }")]
    [InlineData("async Task M(ValueTask<int> read) { await read; var copy = read; await [|read|]; }")]
    [InlineData("async Task<int> M(ValueTask<int> read) => await read + await [|read|];")]
    [InlineData("Task M(ValueTask<int> read) { var kept = read.Preserve(); return [|read|].AsTask(); }")]
    public Task A_parameter_that_stays(string members) => Verify.VerifyNoCodeFixAsync(Class(members));

    private static string Class(string members, string? bases = null) =>
        $$"""
        class Parent;

        class C {{bases}}
        {
            {{members}}

            public static ValueTask<int> ReadAsync(int x = 0) => new(Task.Run(() => x));
            public ValueTask FlushAsync() => new(Task.Run(() => 1));
            static void Take(ValueTask<int> read) { }
            static void Fill(ref ValueTask<int> read) => read = default;
            static void Use(object? x) { }
        }
        """;
}
