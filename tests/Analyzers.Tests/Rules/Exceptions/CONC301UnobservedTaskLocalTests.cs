using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC301UnobservedTaskAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC301UnobservedTaskCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

/// <summary>Locals that nothing reads after a task was assigned to them.</summary>
public sealed class CONC301UnobservedTaskLocalTests
{
    [Theory]
    [InlineData("var task = [|RunAsync()|];")]
    [InlineData("Task task = [|GetAsync()|];")]
    [InlineData("Task<int> task = [|GetAsync()|], other = GetAsync(); await other;")]
    [InlineData("var task = [|SendAsync()|];")]
    [InlineData("var task = [|maybe?.RunAsync()|];")]
    [InlineData("var task = [|maybe?.SendAsync()|];")]
    [InlineData("var task = [|RunAsync().ConfigureAwait(false)|];")]
    [InlineData("var task = [|condition ? RunAsync() : Task.CompletedTask|];")]
    [InlineData("var task = [|maybe?.RunAsync() ?? Task.CompletedTask|];")]
    [InlineData("var task = [|condition switch { true => RunAsync(), _ => GetAsync() }|];")]
    [InlineData("var task = [|RunAsync()|]; Console.WriteLine(nameof(task));")]
    [InlineData("Task task; task = [|RunAsync()|];")]
    [InlineData("var task = [|RunAsync()|]; task = GetAsync(); await task;")]
    [InlineData("var task = RunAsync(); await task; task = [|GetAsync()|];")]
    [InlineData("Task task = Task.CompletedTask; if (condition) task = [|RunAsync()|]; task = RunAsync(); await task;")]
    [InlineData("Task task; if (condition) { task = [|RunAsync()|]; } else { task = RunAsync(); await task; }")]
    [InlineData("Task task; while (condition) { task = [|RunAsync()|]; task = RunAsync(); await task; }")]
    [InlineData("async Task Local() { var task = [|RunAsync()|]; await RunAsync(); } await Local();")]
    [InlineData("Func<Task> local = async () => { Task task = [|RunAsync()|]; task = GetAsync(); await task; }; await local();")]
    [InlineData("switch (condition) { case true: var task = [|RunAsync()|]; break; }")]
    [InlineData("for (var task = [|RunAsync()|]; condition;) { }")]
    public Task Never_read(string statements) => InAsynchronousCode(statements);

    [Theory]
    [InlineData("var task = RunAsync(); await task;")]
    [InlineData("var task = RunAsync(); if (condition) return; await task;")]
    [InlineData("var task = RunAsync(); var tasks = new[] { task };")]
    [InlineData("var task = RunAsync(); _ = task;")]
    [InlineData("var task = RunAsync(); Action wait = () => task.Wait(); wait();")]
    [InlineData("var task = RunAsync(); void Local() => task.Wait(); Local();")]
    [InlineData("Task task = Task.CompletedTask; Action start = () => task = RunAsync(); start(); await task;")]
    [InlineData("Task task = Task.CompletedTask; Action start = () => task = RunAsync(); start();")]
    [InlineData("Task task; if (condition) task = RunAsync(); else task = GetAsync(); await task;")]
    [InlineData("Task task = Task.CompletedTask; while (condition) { await task; task = RunAsync(); }")]
    [InlineData("Task task = RunAsync(); while (condition) { await task; task = RunAsync(); }")]
    [InlineData("Task task = Task.CompletedTask; try { task = RunAsync(); Console.WriteLine(); task = GetAsync(); } catch { await task; }")]
    [InlineData("Task? task = null; try { task = RunAsync(); Console.WriteLine(); } finally { if (task != null) await task; }")]
    [InlineData("Task? task = null; try { try { task = RunAsync(); return; } finally { Console.WriteLine(); } } finally { if (task != null) await task; }")]
    [InlineData("Task? task = null; try { task = RunAsync(); throw new IOException(); } catch (IOException) when (task!.IsCompleted) { }")]
    [InlineData("var task = RunAsync(); Assign(ref task); void Assign(ref Task other) { }")]
    [InlineData("Task task = RunAsync(); task = task.ContinueWith(_ => { }); await task;")]
    [InlineData("Task? task = null; task ??= RunAsync(); await task;")]
    [InlineData("Task task; await (task = RunAsync());")]
    // No task is started for them.
    [InlineData("Task task = Task.CompletedTask;")]
    [InlineData("var task = Task.FromResult(1);")]
    [InlineData("Task? task = null;")]
    [InlineData("var task = _field;")]
    [InlineData("var task = new Task(() => { });")]
    [InlineData("ValueTask task = default;")]
    [InlineData("var source = new TaskCompletionSource(); var task = source.Task;")]
    // These are discards, which have a rule of their own.
    [InlineData("var _ = RunAsync();")]
    [InlineData("var __ = RunAsync();")]
    // No task.
    [InlineData("var result = await GetAsync();")]
    [InlineData("object value = GetAsync();")]
    public Task Read_or_no_task(string statements) => InAsynchronousCode(statements);

    [Fact]
    public Task In_synchronous_code() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            void M(Task first)
            {
                var task = [|Task.Delay(1)|];
                Task kept = Task.Delay(2);
                kept.Wait();
            }

            IEnumerable<Task> Iterate()
            {
                var task = [|Task.Delay(1)|];
                task = Task.Delay(2);
                yield return task;
            }
        }
        """);

    [Fact]
    public Task Locals_of_one_name() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            void M(bool condition)
            {
                if (condition)
                {
                    var task = [|Task.Delay(1)|];
                }
                else
                {
                    var task = Task.Delay(1);
                    task.Wait();
                }

                Action<int> shadow = static task => { var other = [|Task.Delay(task)|]; };
            }
        }
        """);

    private static Task InAsynchronousCode(string statements) => Verify.VerifyAnalyzerAsync(
        $$"""
        #nullable disable warnings
        class C
        {
            Task? _field;

            async Task M(bool condition, C? maybe)
            {
                {{statements}}
            }

            static Task RunAsync(int delay) => Task.Delay(delay);
            Task RunAsync() => RunAsync(1);
            Task<int> GetAsync() => Task.Run(() => 1);
            ValueTask SendAsync() => new(Task.Delay(1));
        }
        """);
}
