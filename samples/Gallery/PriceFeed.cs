using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Gallery;

/// <summary>Compares prices with those of another shop, which allows four requests at once.</summary>
public sealed class PriceFeed(Uri shop)
{
    private readonly ConcurrentQueue<string> _journal = new();
    private int _read;

    public int Read => _read;

    public async Task<int> ReadAllAsync(IReadOnlyList<string> pages)
    {
        foreach (var page in pages)
        {
            var text = await ReadAsync(page);
            await CountAsync();
            Note($"{page}: {text.Length}");
        }

        return _read;
    }

    private async Task<string> ReadAsync(string page)
    {
        using var limiter = new ConcurrencyLimiter(new() { PermitLimit = 4, QueueLimit = int.MaxValue }); // expect: CONC401
        using var lease = await limiter.AcquireAsync();
        using var client = new HttpClient(); // expect: CONC403
        return await client.GetStringAsync(new Uri(shop, page));
    }

    private async Task CountAsync()
    {
        using var gate = new SemaphoreSlim(1, 1); // expect: CONC402
        await gate.WaitAsync();
        try
        {
            _read++;
        }
        finally
        {
            gate.Release();
        }
    }

    private void Note(string line)
    {
        new Thread(() => _journal.Enqueue(line)) { IsBackground = true }.Start(); // expect: CONC404:note
    }
}
