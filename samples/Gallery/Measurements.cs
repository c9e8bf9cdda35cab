using System.Diagnostics;
using System.Text.Json;

namespace Gallery;

/// <summary>What a run did to the shop, and to this process.</summary>
public sealed class Measurements : IDisposable
{
    private readonly ShopServer _server;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly ManualResetEventSlim _end = new();
    private int _peakThreads;

    public Measurements(ShopServer server)
    {
        _server = server;

        // A thread of its own: when the pool is starved, what runs on the pool can't see it.
        new Thread(WatchThreads) { IsBackground = true, Name = "measurements" }.Start();
    }

    /// <summary>Where exceptions show up that no code of the program handles: the error log.</summary>
    public ErrorCounter Errors { get; } = new();

    public void Print()
    {
        var values = new Dictionary<string, double>
        {
            ["peak concurrent requests at the server"] = _server.PeakRequests,
            ["peak concurrent reservations (4 allowed)"] = _server.PeakReservations,
            ["wall time (ms)"] = Math.Round(Stopwatch.GetElapsedTime(_start).TotalMilliseconds),
            ["exceptions thrown"] = _server.Failures,
            ["exceptions seen in the log"] = Errors.Count,
            ["threads of the pool used"] = _peakThreads,
        };
        foreach (var (name, value) in values)
            Console.WriteLine($"  {name}: {value}");
        Console.WriteLine($"measurements: {JsonSerializer.Serialize(values)}");
    }

    public void Dispose() => _end.Set();

    private void WatchThreads()
    {
        do
            _peakThreads = Math.Max(_peakThreads, ThreadPool.ThreadCount);
        while (!_end.Wait(5));
    }

    /// <summary>Counts what is traced as an error.</summary>
    public sealed class ErrorCounter : TraceListener
    {
        private int _count;

        public int Count => _count;

        public override bool IsThreadSafe => true;

        public override void TraceEvent(TraceEventCache? eventCache, string source, TraceEventType eventType, int id, string? format, params object?[]? args)
        {
            if (eventType <= TraceEventType.Error)
                Interlocked.Increment(ref _count);
        }

        public override void Write(string? message)
        {
        }

        public override void WriteLine(string? message)
        {
        }
    }
}
