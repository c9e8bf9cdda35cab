using System.Runtime.CompilerServices;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

public sealed class SharedMemoryTests
{
    [Fact]
    public void A_number_is_changed_atomically()
    {
        using var number = new SharedInt64(5);

        Assert.Equal(8, number.Add(3));
        Assert.Equal(9, number.Increment());
        Assert.Equal(9, number.Exchange(1));
        Assert.Equal(1, number.CompareExchange(7, 1));
        Assert.Equal(7, number.CompareExchange(8, 1));
        Assert.Equal(7, number.Value);
    }

    [Fact]
    public async Task Processes_share_a_number_and_an_array_and_totals_are_exact()
    {
        const int Processes = 4;
        var operations = 250_000 * StressScale.Factor;
        await using var executor = new ProcessExecutor(Processes);
        using var number = new SharedInt64();
        using var array = new SharedArray<int>(8);

        var tasks = Enumerable.Range(0, Processes).Select(_ => executor.RunAsync(AddMany, new Adding(number, array, operations)));
        await Task.WhenAll(tasks).Bounded();

        Assert.Equal((long)Processes * operations, number.Value);
        Assert.Equal((long)Processes * operations, array.ToArray().Sum(static count => (long)count));
    }

    [Fact]
    public void What_the_system_has_no_room_for_is_refused_when_it_is_made()
    {
        var length = (int)((new DriveInfo("/dev/shm").TotalSize / Unsafe.SizeOf<Page>()) + 1);
        var names = Directory.GetFiles("/dev/shm", "concurrency-analyzers-*");

        Assert.Throws<IOException>(() => new SharedArray<Page>(length));

        Assert.Equal(names, Directory.GetFiles("/dev/shm", "concurrency-analyzers-*"));
    }

    [Fact]
    public void An_array_holds_any_type_without_references()
    {
        using var points = new SharedArray<(double X, byte Y)>(3);
        points[1] = (1.5, 7);

        Assert.Equal([default, (1.5, 7), default], points.ToArray());
        points.Access(2.0, static (span, factor) => span[1].X *= factor);
        Assert.Equal(3.0, points[1].X);
        Assert.Throws<NotSupportedException>(() => points.Add(0, (1, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => points[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => points[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SharedArray<int>(0));
    }

    [Fact]
    public void What_is_disposed_can_not_be_used_or_opened()
    {
        var number = new SharedInt64(1);
        var json = System.Text.Json.JsonSerializer.Serialize(number);
        using (var same = System.Text.Json.JsonSerializer.Deserialize<SharedInt64>(json)!)
            Assert.Equal(1, same.Value);

        number.Dispose();
        number.Dispose();

        Assert.Throws<ObjectDisposedException>(() => number.Value);
        Assert.Throws<ObjectDisposedException>(() => System.Text.Json.JsonSerializer.Deserialize<SharedInt64>(json));
    }

    [Fact]
    public void Memory_of_another_kind_is_not_opened()
    {
        using var number = new SharedInt64();
        var json = System.Text.Json.JsonSerializer.Serialize(number);

        Assert.Throws<InvalidDataException>(() => System.Text.Json.JsonSerializer.Deserialize<SharedArray<long>>(json));
        Assert.Throws<InvalidDataException>(() => System.Text.Json.JsonSerializer.Deserialize<SharedInt64>("\"nonsense\""));
    }

    [Fact]
    public void Memory_has_no_name_and_is_the_current_users_alone()
    {
        using var number = new SharedInt64();
        var path = System.Text.Json.JsonSerializer.Serialize(number).Trim('"').Split('|')[0];

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.EndsWith("(deleted)", new FileInfo(path).LinkTarget, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_is_held_by_one()
    {
        using var one = new CrossProcessLock();
        using var other = System.Text.Json.JsonSerializer.Deserialize<CrossProcessLock>(System.Text.Json.JsonSerializer.Serialize(one))!;

        using (var hold = one.Acquire())
        {
            Assert.False(hold.WasAbandoned);
            Assert.Null(one.TryAcquire());
            Assert.Null(other.TryAcquire());
        }

        using (other.TryAcquire()!)
            Assert.Null(one.TryAcquire());
    }

    [Fact]
    public async Task A_wait_for_a_lock_can_be_cancelled()
    {
        using var shared = new CrossProcessLock();
        using var cancellation = new CancellationTokenSource();
        using var hold = await shared.AcquireAsync().Bounded();
        using var other = System.Text.Json.JsonSerializer.Deserialize<CrossProcessLock>(System.Text.Json.JsonSerializer.Serialize(shared))!;
        var wait = other.AcquireAsync(cancellation.Token);
        var blockingWait = Task.Factory.StartNew(() => other.Acquire(cancellation.Token), TaskCreationOptions.LongRunning);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.Bounded());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blockingWait.Bounded());
    }

    [Fact]
    public async Task A_lock_excludes_other_processes()
    {
        const int Processes = 4;
        var rounds = 2000 * StressScale.Factor;
        await using var executor = new ProcessExecutor(Processes);
        using var shared = new CrossProcessLock();
        using var array = new SharedArray<long>(2);

        await Task.WhenAll(Enumerable.Range(0, Processes).Select(_ => executor.RunAsync(IncrementUnderLock, new Locking(shared, array, rounds)))).Bounded();

        Assert.Equal([(long)Processes * rounds, (long)Processes * rounds], array.ToArray());
    }

    [Fact]
    public async Task A_lock_survives_the_death_of_its_holder_and_tells_the_next()
    {
        await using var executor = new ProcessExecutor(2);
        using var shared = new CrossProcessLock();
        using var array = new SharedArray<long>(2);

        for (var i = 0; i < 3; i++)
        {
            var death = executor.RunAsync(DieUnderLock, new Locking(shared, array, 0));
            await Assert.ThrowsAsync<WorkerProcessException>(() => death.Bounded());

            using (var hold = await shared.AcquireAsync().Bounded())
                Assert.True(hold.WasAbandoned);
            using (var hold = shared.Acquire())
                Assert.False(hold.WasAbandoned);
        }

        // Those that wait when the holder dies get it too.
        var waiting = Enumerable.Range(0, 2).Select(_ => executor.RunAsync(IncrementUnderLock, new Locking(shared, array, 10))).ToList();
        await Task.WhenAll(waiting).Bounded();
        Assert.Equal(20, array[0]);
    }

    private static void AddMany(Adding adding)
    {
        for (var i = 0; i < adding.Operations; i++)
        {
            adding.Number.Increment();
            adding.Array.Add(i % adding.Array.Length, 1);
        }
    }

    private static void IncrementUnderLock(Locking locking)
    {
        for (var i = 0; i < locking.Rounds; i++)
        {
            using var hold = locking.Lock.Acquire();
            locking.Array[0]++;
            locking.Array[1] = locking.Array[0];
        }
    }

    private static void DieUnderLock(Locking locking)
    {
        using var hold = locking.Lock.Acquire();
        Jobs.KillSelf(9);
    }

    internal sealed record Adding(SharedInt64 Number, SharedArray<int> Array, int Operations);

    internal sealed record Locking(CrossProcessLock Lock, SharedArray<long> Array, int Rounds);

    [InlineArray(64 * 1024)]
    private struct Page
    {
        private byte _first;
    }
}
