using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Time.CONC602WhenAnyTimeoutAnalyzer,
    ConcurrencyAnalyzers.Rules.Time.CONC602WhenAnyTimeoutCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Time;

/// <summary>What CONC602's fix writes, and where it refuses.</summary>
public sealed class CONC602WhenAnyTimeoutFixTests
{
    [Theory]
    [InlineData(
        """
        if (await [|Task.WhenAny(task, Task.Delay(timeout))|] != task)
                    throw new TimeoutException();

                return await task;
        """,
        "return await task.WaitAsync(timeout);")]
    [InlineData(
        """
        // not for ever
                if (await [|Task.WhenAny(task, Task.Delay(5000))|].ConfigureAwait(false) != task)
                {
                    throw new TimeoutException();
                }

                var result = await task.ConfigureAwait(false);
                return result;
        """,
        """
        // not for ever
                var result = await task.WaitAsync(TimeSpan.FromMilliseconds(5000)).ConfigureAwait(false);
                return result;
        """)]
    [InlineData(
        """
        var delay = Task.Delay(timeout);
                var winner = await [|Task.WhenAny(task, delay)|];
                if (winner == delay)
                    throw new TimeoutException();

                Log();
                return await task;
        """,
        """
        await task.WaitAsync(timeout);

                Log();
                return await task;
        """)]
    [InlineData(
        """
        var winner = await [|Task.WhenAny(task, Task.Delay(timeout))|]; // the carrier is slow
                if (winner != task)
                    throw new TimeoutException();

                return await task;
        """,
        """
        // the carrier is slow
                return await task.WaitAsync(timeout);
        """)]
    [InlineData(
        """
        if (await [|Task.WhenAny(task, Task.Delay(timeout, _stopping.Token))|] == task)
                    return await task;

                throw new TimeoutException();
        """,
        "return await task.WaitAsync(timeout, _stopping.Token);")]
    [InlineData(
        """
        if (await [|Task.WhenAny(task, Task.Delay(timeout))|] == task)
                {
                    return await task;
                }
                else
                {
                    throw new TimeoutException();
                }
        """,
        "return await task.WaitAsync(timeout);")]
    [InlineData(
        """
        if (await [|Task.WhenAny(task, Task.Delay(timeout))|] != task)
                {
                    Log(); // too late
                    return -1;
                }

                return await task;
        """,
        """
        try
                {
                    await task.WaitAsync(timeout);
                }
                catch (TimeoutException)
                {
                    Log(); // too late
                    return -1;
                }

                return await task;
        """)]
    [InlineData(
        """
        if (await [|Task.WhenAny(task, Task.Delay(timeout))|] == task)
                    return await task;

                Log();
                throw new InvalidOperationException("slow");
        """,
        """
        try
                {
                    await task.WaitAsync(timeout);
                }
                catch (TimeoutException)
                {
                    Log();
                    throw new InvalidOperationException("slow");
                }
                return await task;
        """)]
    [InlineData(
        """
        if (await [|Task.WhenAny(task, Task.Delay(timeout))|] != task)
                    throw new TimeoutException("slow");

                return await task;
        """,
        """
        try
                {
                    await task.WaitAsync(timeout);
                }
                catch (TimeoutException)
                {
                    throw new TimeoutException("slow");
                }

                return await task;
        """)]
    [InlineData(
        """
        await [|Task.WhenAny(_plain, Task.Delay(timeout))|]; // a while
                return _plain.IsCompleted ? 1 : 2;
        """,
        """
        await _plain.WaitAsync(timeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext); // a while
                return _plain.IsCompleted ? 1 : 2;
        """)]
    [InlineData(
        """
        await [|Task.WhenAny(_plain, Task.Delay(timeout))|].ConfigureAwait(false);
                return _plain.IsCompleted ? 1 : 2;
        """,
        """
        await _plain.WaitAsync(timeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return _plain.IsCompleted ? 1 : 2;
        """)]
    public Task Bounds_the_wait(string before, string after) => Verify.VerifyCodeFixAsync(Method(before), Method(after));

    [Theory]
    // The winner has another use, or nobody says what a timeout is.
    [InlineData("return await [|Task.WhenAny(task, Task.Delay(timeout))|] == task ? 1 : 2;")]
    [InlineData("var winner = await [|Task.WhenAny(task, Task.Delay(timeout))|]; if (winner != task) return 1; return winner.Id;")]
    [InlineData("if (await [|Task.WhenAny(task, Task.Delay(timeout))|] != task) Log(); return 1;")]
    [InlineData("if (await [|Task.WhenAny(task, Task.Delay(timeout))|] == task) Log(); return 1;")]
    [InlineData("if (await [|Task.WhenAny(task, Task.Delay(timeout))|] == _plain) throw new TimeoutException(); return await task;")]
    // WaitAsync that throws nothing gives no result.
    [InlineData("await [|Task.WhenAny(task, Task.Delay(timeout))|]; return task.IsCompleted ? 1 : 2;")]
    [InlineData("[|Task.WhenAny(task, Task.Delay(timeout))|].Wait(); return 1;")]
    // A comment would be lost.
    [InlineData("if (await [|Task.WhenAny(task, Task.Delay(timeout))|] != task)\n            throw new TimeoutException(); // why\n        return await task;")]
    public Task No_fix(string statements) => Verify.VerifyNoCodeFixAsync(Method(statements));

    [Fact]
    public Task Passes_the_token_in_scope() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task M(Task task, CancellationToken cancellationToken)
            {
                if (await [|Task.WhenAny(task, Task.Delay(1000))|] != task)
                {
                    throw new TimeoutException();
                }

                await task;
            }
        }
        """,
        """
        class C
        {
            async Task M(Task task, CancellationToken cancellationToken)
            {
                await task.WaitAsync(TimeSpan.FromMilliseconds(1000), cancellationToken);
            }
        }
        """);

    [Theory]
    [InlineData("", "await task.WaitAsync(TimeSpan.FromMilliseconds(1000));")]
    [InlineData(", CancellationToken stop", "await task.WaitAsync(TimeSpan.FromMilliseconds(1000), stop);")]
    public Task A_source_that_nothing_cancels_goes_as_well(string parameter, string after) => Verify.VerifyCodeFixAsync(
        $$"""
        class C
        {
            async Task M(Task task{{parameter}})
            {
                await Task.Yield();
                using var source = new CancellationTokenSource();
                if (await [|Task.WhenAny(task, Task.Delay(1000, source.Token))|] != task)
                    throw new TimeoutException();

                await task;
            }
        }
        """,
        $$"""
        class C
        {
            async Task M(Task task{{parameter}})
            {
                await Task.Yield();
                {{after}}
            }
        }
        """);

    [Theory]
    [InlineData("using var source = CancellationTokenSource.CreateLinkedTokenSource(stop);", "")]
    [InlineData("using var source = new CancellationTokenSource(100);", "")]
    [InlineData("using var source = new CancellationTokenSource();", "Use(source);")]
    public Task A_source_that_may_be_cancelled_stays(string source, string use) => Verify.VerifyCodeFixAsync(
        $$"""
        class C
        {
            async Task M(Task task, CancellationToken stop)
            {
                {{source}}{{use}}
                if (await [|Task.WhenAny(task, Task.Delay(1000, source.Token))|] != task)
                    throw new TimeoutException();

                await task;
            }

            static void Use(object x) { }
        }
        """,
        $$"""
        class C
        {
            async Task M(Task task, CancellationToken stop)
            {
                {{source}}{{use}}
                await task.WaitAsync(TimeSpan.FromMilliseconds(1000), source.Token);
            }

            static void Use(object x) { }
        }
        """);

    [Fact]
    public Task Several_at_once() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task M(Task a, Task b, Func<Task<int>> f)
            {
                if (await [|Task.WhenAny(a, Task.Delay(1))|] != a)
                    throw new TimeoutException();

                await a;

                if (await [|Task.WhenAny(b, Task.Delay(TimeSpan.FromSeconds(2)))|] == b)
                {
                    var c = f();
                    if (await [|Task.WhenAny(c, Task.Delay(3))|] != c)
                        throw new TimeoutException();

                    await c;
                }
                else
                {
                    throw new TimeoutException();
                }
            }
        }
        """,
        """
        class C
        {
            async Task M(Task a, Task b, Func<Task<int>> f)
            {
                await a.WaitAsync(TimeSpan.FromMilliseconds(1));

                await b.WaitAsync(TimeSpan.FromSeconds(2));
                var c = f();
                await c.WaitAsync(TimeSpan.FromMilliseconds(3));
            }
        }
        """);

    [Fact]
    public Task With_a_clock() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task M(Task task, TimeProvider clock, TimeSpan timeout)
            {
                if (await [|Task.WhenAny(task, Task.Delay(delay: timeout, timeProvider: clock))|] != task)
                    throw new TimeoutException();
            }
        }
        """,
        """
        class C
        {
            async Task M(Task task, TimeProvider clock, TimeSpan timeout)
            {
                await task.WaitAsync(timeout, clock);
            }
        }
        """);

    private static string Method(string statements) =>
        $$"""
        class C
        {
            async Task<int> M(Task<int> task, TimeSpan timeout)
            {
                {{statements}}
            }

            readonly Task _plain = Task.Run(() => { });
            readonly CancellationTokenSource _stopping = new();
            static void Log() { }
        }
        """;
}
