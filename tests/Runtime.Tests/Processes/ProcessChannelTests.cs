using System.Threading.Channels;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

public sealed class ProcessChannelTests
{
    [Fact]
    public void Items_come_in_order_and_their_places_are_free_once_they_are_acknowledged()
    {
        using var channel = new ProcessChannel<string>(capacity: 2);

        Assert.True(channel.TryWrite("a"));
        Assert.True(channel.TryWrite("b"));
        Assert.False(channel.TryWrite("c"));
        var first = channel.TryRead()!;
        Assert.Equal(("a", 1), (first.Value, first.Deliveries));
        Assert.False(channel.TryWrite("c"));
        Assert.True(first.Acknowledge());
        Assert.False(first.Acknowledge());
        Assert.False(first.Return());
        Assert.True(channel.TryWrite("c"));
        Assert.Equal((2, 0), (channel.Count, channel.UnacknowledgedCount));
        Assert.Equal("b", channel.Read()!.Value);
    }

    [Fact]
    public void A_returned_item_goes_first()
    {
        using var channel = new ProcessChannel<int>(4);
        channel.Write(1);
        channel.Write(2);

        Assert.True(channel.TryRead()!.Return());

        var again = channel.TryRead()!;
        Assert.Equal((1, 2), (again.Value, again.Deliveries));
    }

    [Fact]
    public async Task A_complete_channel_takes_nothing_and_ends_its_readers()
    {
        using var channel = new ProcessChannel<int>(4);
        await channel.WriteAsync(1).Bounded();
        channel.Complete();

        Assert.Throws<ChannelClosedException>(() => channel.TryWrite(2));
        await Assert.ThrowsAsync<ChannelClosedException>(() => channel.WriteAsync(2).Bounded());
        List<int> read = [];
        await foreach (var item in channel.ReadAllAsync())
        {
            read.Add(item.Value);
            item.Acknowledge();
        }

        Assert.Equal([1], read);
        Assert.Null(channel.Read());
    }

    [Fact]
    public async Task A_reader_waits_for_what_another_may_give_back()
    {
        using var channel = new ProcessChannel<int>(4);
        using var other = System.Text.Json.JsonSerializer.Deserialize<ProcessChannel<int>>(System.Text.Json.JsonSerializer.Serialize(channel))!;
        channel.Write(1);
        channel.Complete();
        var taken = other.TryRead()!;

        var reading = channel.ReadAsync();
        Assert.False(reading.IsCompleted);
        taken.Return();

        var item = await reading.Bounded();
        Assert.Equal(2, item!.Deliveries);
        item.Acknowledge();
        Assert.Null(await other.ReadAsync().Bounded());
    }

    [Fact]
    public void An_instance_that_is_disposed_gives_back_what_it_held()
    {
        using var channel = new ProcessChannel<int>(4);
        channel.Write(1);
        var other = System.Text.Json.JsonSerializer.Deserialize<ProcessChannel<int>>(System.Text.Json.JsonSerializer.Serialize(channel))!;
        var taken = other.TryRead()!;

        other.Dispose();
        other.Dispose();

        Assert.Throws<ObjectDisposedException>(() => taken.Acknowledge());
        Assert.Equal(2, channel.TryRead()!.Deliveries);
    }

    [Fact]
    public async Task Waits_can_be_cancelled()
    {
        using var channel = new ProcessChannel<int>(1);
        using var cancellation = new CancellationTokenSource();
        var reading = channel.ReadAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.Bounded());
        channel.Write(1);

        Assert.ThrowsAny<OperationCanceledException>(() => channel.Write(2, cancellation.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => channel.WriteAsync(2, cancellation.Token).Bounded());
        Assert.Equal(1, channel.Count);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var channel = new ProcessChannel<string>(1, maxItemSize: 16);

        Assert.Throws<WorkSerializationException>(() => channel.TryWrite(new string('x', 100)));
        Assert.Throws<WorkSerializationException>(() => new ProcessChannel<Action>());
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProcessChannel<string>(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProcessChannel<string>(1, 1));
    }

    [Fact]
    public async Task Processes_write_and_read_and_nothing_is_lost_or_doubled()
    {
        var items = 1000 * StressScale.Factor;
        await using var executor = new ProcessExecutor(4);
        using var channel = new ProcessChannel<int>(16, 64);
        using var marks = new SharedArray<int>(2 * items);

        var readers = Enumerable.Range(0, 2).Select(_ => executor.RunAsync(ReadAll, new Transfer(channel, marks, 0, 0, Dies: false))).ToList();
        var writers = Enumerable.Range(0, 2).Select(i => executor.RunAsync(WriteAll, new Transfer(channel, marks, i * items, items, Dies: false))).ToList();
        await Task.WhenAll(writers).Bounded();
        channel.Complete();
        await Task.WhenAll(readers).Bounded();

        Assert.All(marks.ToArray(), mark => Assert.Equal(1, mark));
        Assert.Equal((0, 0), (channel.Count, channel.UnacknowledgedCount));
    }

    /// <summary>An item that was read twice says so; one that was done twice was read twice.</summary>
    [Fact]
    public async Task Readers_are_killed_at_random_and_every_item_is_done_once_or_said_to_have_come_back()
    {
        const int Readers = 3;
        var items = 500 * StressScale.Factor;
        var random = new Random(20);
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = Readers, MaxReplacements = int.MaxValue });
        using var channel = new ProcessChannel<int>(16, 64);
        using var done = new SharedArray<int>(items);
        using var again = new SharedArray<int>(items);

        var readers = Enumerable.Range(0, Readers).Select(_ => ReadToTheEndAsync()).ToList();
        var kills = KillAsync();
        for (var i = 0; i < items; i++)
            await channel.WriteAsync(i).Bounded();
        channel.Complete();
        await Task.WhenAll(readers).Bounded();
        await kills;

        var (counts, comebacks) = (done.ToArray(), again.ToArray());
        Assert.All(Enumerable.Range(0, items), item => Assert.InRange(counts[item], 1, 1 + comebacks[item]));
        Assert.Equal((0, 0), (channel.Count, channel.UnacknowledgedCount));

        async Task ReadToTheEndAsync()
        {
            while (true)
            {
                try
                {
                    await executor.RunAsync(ReadAllAndCount, new Counting(channel, done, again));
                    return;
                }
                catch (WorkerProcessException)
                {
                    // It was killed; another takes its place.
                }
            }
        }

        async Task KillAsync()
        {
            while (!readers.TrueForAll(static reader => reader.IsCompleted))
            {
                if (executor.GetProcessIds() is { Count: > 0 } ids)
                    _ = Jobs.Kill(ids[random.Next(ids.Count)], 9);
                await Task.WhenAny(Task.WhenAll(readers), Task.Delay(random.Next(400)));
            }
        }
    }

    [Fact]
    public async Task What_a_reader_had_when_it_died_goes_to_another()
    {
        const int Items = 50;
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 2, MaxReplacements = 100 });
        using var channel = new ProcessChannel<int>(Items, 64);
        using var marks = new SharedArray<int>(Items);
        for (var i = 0; i < Items; i++)
            channel.Write(i);
        channel.Complete();

        // Each of them takes one item and dies with it.
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<WorkerProcessException>(() => executor.RunAsync(ReadAll, new Transfer(channel, marks, 0, 0, Dies: true)).Bounded());
        var last = executor.RunAsync(ReadAll, new Transfer(channel, marks, 0, 0, Dies: false));
        await last.Bounded();

        Assert.All(marks.ToArray(), mark => Assert.Equal(1, mark));
    }

    private static void WriteAll(Transfer transfer)
    {
        using var channel = transfer.Channel;
        for (var i = 0; i < transfer.Count; i++)
            channel.Write(transfer.First + i);
    }

    private static void ReadAll(Transfer transfer)
    {
        using var channel = transfer.Channel;
        while (channel.Read() is { } item)
        {
            if (transfer.Dies)
                Jobs.KillSelf(9);
            transfer.Marks.Add(item.Value, 1);
            item.Acknowledge();
        }
    }

    private static void ReadAllAndCount(Counting counting)
    {
        using var channel = counting.Channel;
        while (channel.Read() is { } item)
        {
            if (item.Deliveries > 1)
                counting.Again.Add(item.Value, 1);
            counting.Done.Add(item.Value, 1);
            item.Acknowledge();
        }
    }

    internal sealed record Counting(ProcessChannel<int> Channel, SharedArray<int> Done, SharedArray<int> Again);

    internal sealed record Transfer(ProcessChannel<int> Channel, SharedArray<int> Marks, int First, int Count, bool Dies);
}
