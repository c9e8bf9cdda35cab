using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using ConcurrencyAnalyzers.Runtime;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>One small argument to a worker and back; the peer is a child that copies its input to its output.</summary>
[Description("ProcessExecutor against a raw pipe, one round trip")]
public class ProcessRoundTripBenchmarks
{
    private readonly byte[] _buffer = new byte[16];
    private readonly ProcessExecutor _executor = new(1);
    private Process _cat = null!;

    [GlobalSetup]
    public Task SetUp()
    {
        _cat = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        return _executor.RunAsync(ProcessWork.Increment, 1);
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        _cat.Kill();
        _cat.Dispose();
        await _executor.DisposeAsync();
    }

    [Benchmark(Baseline = true, Description = "pipe to cat and back")]
    public void RawPipe()
    {
        var input = _cat.StandardInput.BaseStream;
        input.Write(_buffer);
        input.Flush();
        _cat.StandardOutput.BaseStream.ReadExactly(_buffer);
    }

    [Benchmark(Description = "ProcessExecutor.RunAsync")]
    public Task<int> RunAsync() => _executor.RunAsync(ProcessWork.Increment, 1);
}

/// <summary>Where isolation pays: computing that takes so long an item, by four workers and by threads.</summary>
[Description("ProcessExecutor of 4 workers against Parallel.For, computing")]
public class ProcessThroughputBenchmarks
{
    private readonly ProcessExecutor _executor = new(4);
    private int _items;
    private int _rounds;

    [Params(1, 10, 100, 1_000, 10_000, 100_000)]
    public int Microseconds { get; set; }

    [GlobalSetup]
    public Task SetUp()
    {
        // About a fifth of a second of computing, so that the longest don't take minutes.
        _items = Math.Clamp(200_000 / Microseconds, 4, 10_000);
        _rounds = Math.Max(1, (int)(Microseconds * ProcessWork.RoundsOfOneMicrosecond()));
        return _executor.SettleAsync(Enumerable.Repeat(_rounds, Math.Min(_items, 1000)), ProcessWork.Compute);
    }

    [GlobalCleanup]
    public ValueTask CleanUp() => _executor.DisposeAsync();

    [Benchmark(Baseline = true, Description = "Parallel.For, 4 at once")]
    public void Threads() => Parallel.For(0, _items, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ => ProcessWork.Compute(_rounds));

    [Benchmark(Description = "MapAsync, one by one")]
    public Task OneByOne() => MapAsync(1);

    [Benchmark(Description = "MapAsync, in chunks of about 5 ms")]
    public Task Chunks() => MapAsync(Math.Clamp(5_000 / Microseconds, 1, 1_000));

    private async Task MapAsync(int chunkSize)
    {
        await foreach (var _ in _executor.MapAsync(Enumerable.Repeat(_rounds, _items), ProcessWork.Compute, chunkSize))
        {
        }
    }
}

/// <summary>What a worker costs before its first result; the peer is a process of the system's that does nothing.</summary>
[Description("ProcessExecutor, a first result from a worker that isn't there yet")]
public class ProcessStartBenchmarks
{
    [Benchmark(Baseline = true, Description = "start and end of /bin/true")]
    public async Task True()
    {
        using var process = Process.Start("/bin/true");
        await process.WaitForExitAsync();
    }

    [Benchmark(Description = "start of a worker, one item, shut down")]
    public async Task<int> Start()
    {
        await using var executor = new ProcessExecutor(1);
        return await executor.RunAsync(ProcessWork.Increment, 1);
    }
}

/// <summary>What an idle worker holds, which no table of BenchmarkDotNet tells.</summary>
internal static class WorkerMemory
{
    public static async Task WriteAsync(TextWriter output)
    {
        await using var executor = new ProcessExecutor(4);
        await executor.SettleAsync(Enumerable.Repeat(1_000_000, 400), ProcessWork.Compute);
        var (resident, own) = (new List<long>(), new List<long>());
        foreach (var id in executor.GetProcessIds())
        {
            var lines = await File.ReadAllLinesAsync($"/proc/{id}/smaps_rollup");
            resident.Add(Sum(lines, "Rss:"));
            own.Add(Sum(lines, "Private_Clean:", "Private_Dirty:"));
        }

        await output.WriteLineAsync($"| Workers | Resident each | Not shared with others |\n|---:|---:|---:|\n| {resident.Count} | {resident.Average() / 1024:F0} MiB | {own.Average() / 1024:F0} MiB |");
    }

    private static long Sum(string[] lines, params string[] names) =>
        lines.Where(line => names.Any(name => line.StartsWith(name, StringComparison.Ordinal))).Sum(static line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], provider: null));
}

/// <summary>What the workers do.</summary>
internal static class ProcessWork
{
    public static int Increment(int number) => number + 1;

    /// <summary>So much computing, however long it takes: by the clock, a thread that waits for a core would seem to compute.</summary>
    /// <remarks>Not inlined: where the result isn't used, there would be nothing left to compute.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static uint Compute(int rounds)
    {
        var number = 1u;
        for (var i = 0; i < rounds; i++)
            number = (number * 1_664_525) + 1_013_904_223;
        return number;
    }

    /// <summary>How much computing takes a microsecond on a core of its own: the best of many tries, since a core may be shared.</summary>
    public static double RoundsOfOneMicrosecond()
    {
        const int Rounds = 100_000;
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 200; i++)
        {
            var started = Stopwatch.GetTimestamp();
            _ = Compute(Rounds);
            var time = Stopwatch.GetElapsedTime(started);
            best = time < best ? time : best;
        }

        return Rounds / best.TotalMicroseconds;
    }
}
