using System.Threading.RateLimiting;
using ConcurrencyAnalyzers.Runtime;

namespace Gallery;

/// <summary>Makes the day's reports, on executors of their own.</summary>
public sealed class Reports
{
    private static readonly AsyncExecutor Pages = new(maxConcurrency: 4);
    private static readonly ThreadExecutor Files = new(maxThreads: 2);

    private readonly ConcurrencyLimiter _printer = new(new() { PermitLimit = 2, QueueLimit = 8 });

    public async Task<int> MakeAsync(IReadOnlyList<Order> orders)
    {
        var group = new TaskGroup(); // expect: CONC707
        var pages = await group.Run(_ => PageAsync(orders.Count));

        await Gather.SettleAsync(orders, maxConcurrency: 4, async (order, _) => await PageAsync(order.Number)); // expect: CONC706 stays
        await Pages.RunAsync(async () => await Pages.RunAsync(() => PageAsync(1))); // expect: CONC703 stays
        await Files.RunAsync(async () => await PageAsync(2)); // expect: CONC704
        await PrintAsync();
        return pages;
    }

    private async Task PrintAsync()
    {
        using var lease = await _printer.AcquireAsync(); // expect: CONC705
        await Task.Yield();
    }

    private static async Task<int> PageAsync(int number)
    {
        await Task.Yield();
        return number;
    }
}
