using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Blocking.CONC101ThreadSleepInAsyncAnalyzer,
    ConcurrencyAnalyzers.Rules.Blocking.CONC101ThreadSleepInAsyncCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Blocking;

public sealed class CONC101ThreadSleepInAsyncTests
{
    [Fact]
    public Task Async_method() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task M()
            {
                // before
                {|#0:Thread.Sleep(100)|}; // after
                await Task.Yield();
            }
        }
        """,
        """
        class C
        {
            async Task M()
            {
                // before
                await Task.Delay(100); // after
                await Task.Yield();
            }
        }
        """,
        Verify.Diagnostic().WithLocation(0).WithArguments("Thread.Sleep"));

    [Fact]
    public Task Task_returning_method_becomes_async() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            public Task<int> M(bool b)
            {
                [|Thread.Sleep(100)|];
                if (b)
                    return Task.FromResult(1);
                return Other();
            }

            Task M2()
            {
                [|Thread.Sleep(TimeSpan.FromSeconds(1))|];
                return Task.CompletedTask;
            }

            Task<int> Other() => Task.FromResult(1);
        }
        """,
        """
        class C
        {
            public async Task<int> M(bool b)
            {
                await Task.Delay(100);
                if (b)
                    return 1;
                return await Other();
            }

            async Task M2()
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }

            Task<int> Other() => Task.FromResult(1);
        }
        """);
}
