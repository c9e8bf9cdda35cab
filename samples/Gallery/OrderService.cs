using System.Threading.RateLimiting;

namespace Gallery;

/// <summary>Reserves, waits for the payment, and tells everybody who has to know.</summary>
public sealed class OrderService(HttpClient shop, IAuditLog audit)
{
    private int _placed;

    /// <summary>Places all orders; how many succeeded is the result.</summary>
    public async Task<int> PlaceAllAsync(IEnumerable<Order> orders, CancellationToken cancellationToken)
    {
        await Task.WhenAll(orders.Select(order => PlaceAsync(order, cancellationToken)));
        return _placed;
    }

    private async Task PlaceAsync(Order order, CancellationToken cancellationToken)
    {
        await ReserveAsync(order, cancellationToken);
        await WaitForPaymentAsync(order, cancellationToken);
        Interlocked.Increment(ref _placed);

        _ = NotifyAsync(order); // expect: CONC302:note
        OnPlaced(order);
    }

    /// <summary>The warehouse asks for no more than four reservations at a time.</summary>
    private async Task ReserveAsync(Order order, CancellationToken cancellationToken)
    {
        using var limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 4, QueueLimit = 1000 }); // expect: CONC401
        using var lease = await limiter.AcquireAsync(1, cancellationToken);
        if (!lease.IsAcquired)
            throw new InvalidOperationException($"The warehouse takes no reservation for order {order.Number}.");

        using var response = await shop.PostAsync($"reserve/{order.Number}", null, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    private async Task WaitForPaymentAsync(Order order, CancellationToken cancellationToken)
    {
        while (await shop.GetStringAsync($"payment/{order.Number}", cancellationToken) != "paid")
        {
            Thread.Sleep(100); // expect: CONC101
        }
    }

    private void OnPlaced(Order order)
    {
        audit.WriteAsync($"order {order.Number} placed", order.Number); // expect: CONC301
    }

    private async Task NotifyAsync(Order order)
    {
        using var response = await shop.PostAsync($"notify/{order.Number}", null);
        response.EnsureSuccessStatusCode();
    }
}
