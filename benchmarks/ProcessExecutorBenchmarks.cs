using System.ComponentModel;
using System.Diagnostics;
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

/// <summary>Where isolation pays: 1,000 items of computing that takes so long each.</summary>
[Description("ProcessExecutor against Parallel.For, 1,000 items of computing")]
public class ProcessThroughputBenchmarks
{
    private const int Items = 1000;
    private readonly ProcessExecutor _executor = new(Environment.ProcessorCount);

    [Params(1, 10, 100, 1000)]
    public int Microseconds { get; set; }

    [GlobalSetup]
    public Task SetUp() => _executor.SettleAsync(Enumerable.Repeat(1, 100), ProcessWork.Compute);

    [GlobalCleanup]
    public ValueTask CleanUp() => _executor.DisposeAsync();

    [Benchmark(Baseline = true, Description = "Parallel.For")]
    public void Threads() => Parallel.For(0, Items, _ => ProcessWork.Compute(Microseconds));

    [Benchmark(Description = "MapAsync, one by one")]
    public Task OneByOne() => MapAsync(1);

    [Benchmark(Description = "MapAsync, chunks of 50")]
    public Task Chunks() => MapAsync(50);

    private async Task MapAsync(int chunkSize)
    {
        await foreach (var _ in _executor.MapAsync(Enumerable.Repeat(Microseconds, Items), ProcessWork.Compute, chunkSize))
        {
        }
    }
}

/// <summary>What a worker costs before its first result.</summary>
[Description("ProcessExecutor, a first result from a worker that isn't there yet")]
public class ProcessStartBenchmarks
{
    [Benchmark(Description = "start, one item, shut down")]
    public async Task<int> Start()
    {
        await using var executor = new ProcessExecutor(1);
        return await executor.RunAsync(ProcessWork.Increment, 1);
    }
}

/// <summary>What the workers do.</summary>
internal static class ProcessWork
{
    public static int Increment(int number) => number + 1;

    public static int Compute(int microseconds)
    {
        var end = Stopwatch.GetTimestamp() + (microseconds * Stopwatch.Frequency / 1_000_000);
        var rounds = 0;
        while (Stopwatch.GetTimestamp() < end)
            rounds++;
        return rounds;
    }
}
