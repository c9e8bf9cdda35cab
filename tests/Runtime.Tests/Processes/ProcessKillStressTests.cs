using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>Workers are killed at random, and every item is done once or reported.</summary>
public sealed class ProcessKillStressTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Every_item_is_done_exactly_once_or_reported(int chunkSize)
    {
        var items = 400 * StressScale.Factor;
        var mostKills = 10 * StressScale.Factor;
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 2, MaxReplacements = int.MaxValue });
        using var marks = new SharedArray<int>(items);
        var random = new Random(20);

        var settling = executor.SettleAsync(Enumerable.Range(0, items).Select(item => new Jobs.Marking(marks, item)), Jobs.Mark, chunkSize);
        for (var kills = 0; kills < mostKills && !settling.IsCompleted;)
        {
            if (executor.GetProcessIds() is { Count: > 0 } ids)
            {
                _ = Jobs.Kill(ids[random.Next(ids.Count)], 9);
                kills++;
            }

            await Task.Delay(random.Next(30));
        }

        var outcomes = await settling.Bounded();
        var counts = marks.ToArray();
        Assert.Equal(Enumerable.Range(0, items), outcomes.Select(outcome => outcome.Source.Item));
        Assert.All(outcomes.Successes(), outcome => Assert.Equal(1, counts[outcome.Source.Item]));
        Assert.All(outcomes.Failures(), outcome => Assert.InRange(counts[outcome.Source.Item], 0, 1));
        Assert.All(outcomes.Failures(), outcome => Assert.IsType<WorkerProcessException>(outcome.Exception));
        Assert.InRange(outcomes.Failures().Count(), 0, mostKills);
    }
}
