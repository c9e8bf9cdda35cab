using System.Diagnostics;
using System.Globalization;
using System.Text;
using ConcurrencyAnalyzers.Runtime;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>
/// The same load on each model of concurrency, for the decision guide: wall time, the most threads, and the memory that was
/// allocated. Each cell is measured once, after a small one to warm up: the loads are long, and differ by factors.
/// </summary>
internal static class Models
{
    private const int AtOnce = 64;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(15);
    private static readonly int Processors = Environment.ProcessorCount;

    private static readonly (string Name, Func<int, Func<Task>, Task> Run)[] Async =
    [
        ("one after another", static async (items, work) =>
        {
            for (var i = 0; i < items; i++)
                await work();
        }),
        ("AsyncExecutor(64)", static async (items, work) =>
        {
            await using var executor = new AsyncExecutor(AtOnce);
            await Task.WhenAll(Enumerable.Range(0, items).Select(_ => executor.RunAsync(work)));
        }),
        ("Gather, 64 at once", static (items, work) => Gather.AllAsync(Enumerable.Range(0, items), AtOnce, _ => work())),
        ("ThreadExecutor(64), blocking on the wait", static async (items, _) => await OnThreads(AtOnce, items, static () => Block())),
        ("Task.Run, unbounded", static (items, work) => Task.WhenAll(Enumerable.Range(0, items).Select(_ => Task.Run(work)))),
        ("Parallel.ForEachAsync, 64 at once", static (items, work) => Parallel.ForEachAsync(
            Enumerable.Range(0, items), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, _) => await work())),
    ];

    public static async Task WriteAsync(string path)
    {
        var page = new StringBuilder();
        await MeasureAsync(page, "I/O: each item awaits 100 ms", [1, 10, 100, 1000, 10_000], Wait, AtOnce, Async, static () => Task.Delay(Wait));
        await MeasureAsync(page, "Blocking: each item blocks its thread for 100 ms", [1, 10, 100, 1000], Wait, AtOnce, Blocking(AtOnce, static () => Block()), static () => Task.CompletedTask);
        await MeasureAsync(page, "Computing: each item computes for about 1 ms", [1, 10, 100, 1000], TimeSpan.FromMilliseconds(1), Processors, Blocking(Processors, Compute), static () => Task.CompletedTask);
        await File.WriteAllTextAsync(path, page.ToString());
    }

    private static (string Name, Func<int, Func<Task>, Task> Run)[] Blocking(int atOnce, Action work) =>
    [
        ("one after another", (items, _) =>
        {
            for (var i = 0; i < items; i++)
                work();
            return Task.CompletedTask;
        }),
        ($"ThreadExecutor({atOnce})", (items, _) => OnThreads(atOnce, items, work)),
        ($"AsyncExecutor({atOnce}), work on the pool", async (items, _) =>
        {
            await using var executor = new AsyncExecutor(atOnce);
            await Task.WhenAll(Enumerable.Range(0, items).Select(_ => executor.RunAsync(() => Task.Run(work))));
        }),
        ("Task.Run, unbounded", (items, _) => Task.WhenAll(Enumerable.Range(0, items).Select(_ => Task.Run(work)))),
        ($"Parallel.ForEachAsync, {atOnce} at once", (items, _) => Parallel.ForEachAsync(
            Enumerable.Range(0, items), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, (_, _) =>
            {
                work();
                return ValueTask.CompletedTask;
            })),
    ];

    private static async Task OnThreads(int threads, int items, Action work)
    {
        await using var executor = new ThreadExecutor(threads);
        await Task.WhenAll(Enumerable.Range(0, items).Select(_ => executor.RunAsync(work)));
    }

    private static async Task MeasureAsync(
        StringBuilder page, string title, int[] counts, TimeSpan each, int atOnce, (string Name, Func<int, Func<Task>, Task> Run)[] models, Func<Task> work)
    {
        page.Append("\n### ").Append(title).Append("\n\n| items | model | time | most threads | peak of managed memory |\n|---:|---|---:|---:|---:|\n");
        foreach (var count in counts)
        {
            foreach (var (name, run) in models)
            {
                var inRow = name == "one after another";
                if (inRow && each * count > TooLong)
                    page.Append(CultureInfo.InvariantCulture, $"| {count:N0} | {name} | ({each.TotalSeconds * count:N0} s, not measured) | | |\n");
                else
                    page.Append(CultureInfo.InvariantCulture, $"| {count:N0} | {name} | {await MeasureAsync(() => run(count, work))} |\n");
            }
        }

        Console.WriteLine(title);
    }

    private static async Task<string> MeasureAsync(Func<Task> run)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var watch = new Watch();
        var start = Stopwatch.GetTimestamp();
        await run();
        var time = Stopwatch.GetElapsedTime(start);
        var (threads, memory) = watch.Stop();
        return string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:N0} ms | {threads} | {Math.Max(0, memory - before) / 1024:N0} KB");
    }

    private static void Block() => Thread.Sleep(Wait);

    private static void Compute()
    {
        // A number of rounds and not a length of time: the load must not shrink when others take the processor.
        var x = 1u;
        for (var i = 0; i < 500_000; i++)
            x = (x * 1664525) + 1013904223;
        if (x == 0)
            throw new UnreachableException();
    }

    /// <summary>Looks, every few milliseconds and on a thread of its own, at threads and memory.</summary>
    private sealed class Watch : IDisposable
    {
        private readonly ManualResetEventSlim _stop = new();
        private readonly Thread _thread;
        private readonly Process _process = Process.GetCurrentProcess();
        private int _threads;
        private long _memory;

        public Watch()
        {
            _thread = new Thread(Look) { IsBackground = true };
            _thread.Start();
        }

        public (int Threads, long Memory) Stop()
        {
            _stop.Set();
            _thread.Join();
            return (_threads, _memory);
        }

        public void Dispose()
        {
            _stop.Set();
            _thread.Join();
            _stop.Dispose();
            _process.Dispose();
        }

        private void Look()
        {
            do
            {
                _process.Refresh();
                _threads = Math.Max(_threads, _process.Threads.Count);
                _memory = Math.Max(_memory, GC.GetTotalMemory(forceFullCollection: false));
            }
            while (!_stop.Wait(5));
        }
    }
}
