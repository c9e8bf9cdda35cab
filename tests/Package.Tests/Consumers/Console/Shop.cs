using System.Threading.RateLimiting;

namespace Consumer;

/// <summary>Mistakes of several areas close together.</summary>
public sealed class Shop
{
    private readonly List<string> _audit = [];

    public async Task<int> TotalAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var prices = await Task.WhenAll(names.Select(PriceAsync)); // expect: CONC201
        return prices.Sum();
    }

    public async Task<string> OrderAsync(string name, CancellationToken cancellationToken)
    {
        using var limiter = new ConcurrencyLimiter(new() { PermitLimit = 4 }); // expect: CONC401
        using var lease = await limiter.AcquireAsync(1, cancellationToken);
        Thread.Sleep(TimeSpan.FromMilliseconds(2)); // expect: CONC101
        _ = AuditAsync(name); // expect: CONC302:note
        Announce(name); // expect: CONC104:note
        var price = PriceAsync(name).Result; // expect: CONC102
        return $"{name} ordered for {price}, {(lease.IsAcquired ? "in time" : "too late")}";
    }

    private void Announce(string name)
    {
        AnnounceAsync(name); // expect: CONC301
    }

    private Task AnnounceAsync(string name) => AuditAsync($"announced {name}");

    private async Task<int> PriceAsync(string name)
    {
        await Task.Yield();
        return name.Length;
    }

    private async Task AuditAsync(string entry)
    {
        await Task.Yield();
        lock (_audit)
            _audit.Add(entry);
    }
}
