namespace Gallery;

/// <summary>Takes the money at the end of the day.</summary>
public sealed class CashDesk
{
    private readonly SemaphoreSlim _drawer = new(1, 1);
    private int _taken;

    public async Task<string> CloseAsync(IReadOnlyList<Order> orders, CancellationToken cancellationToken)
    {
        foreach (var order in orders)
            await TakeAsync(order, cancellationToken);

        var lines = await WriteJournalAsync(orders, cancellationToken);
        await SealAsync(cancellationToken);
        var taken = CountDrawer(); // expect: CONC105
        var inOtherMoney = new CashReport(taken).InOtherMoney(2); // expect: CONC105
        return $"{taken:N0} taken, {lines} lines in the journal, {inOtherMoney:N0} in the bank's money";
    }

    private async Task TakeAsync(Order order, CancellationToken cancellationToken)
    {
        _drawer.Wait(cancellationToken); // expect: CONC103
        try
        {
            await Task.Delay(1, cancellationToken);
            _taken += order.Product.Price;
        }
        finally
        {
            _drawer.Release();
        }
    }

    private static async Task<int> WriteJournalAsync(IReadOnlyList<Order> orders, CancellationToken cancellationToken)
    {
        var journal = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(journal, orders.Select(order => $"{order.Number};{order.Product.Price}")); // expect: CONC104:note
            return (await File.ReadAllLinesAsync(journal, cancellationToken)).Length;
        }
        finally
        {
            File.Delete(journal);
        }
    }

    /// <summary>The seal is slow: it keeps a thread, and that of the pool.</summary>
    private Task SealAsync(CancellationToken cancellationToken)
    {
        return Task.Run(() => Seal(), cancellationToken); // expect: CONC107:note
    }

    private void Seal()
    {
        _drawer.Wait();
        try
        {
            Thread.Sleep(5);
        }
        finally
        {
            _drawer.Release();
        }
    }

    private int CountDrawer()
    {
        _drawer.Wait();
        try
        {
            return _taken;
        }
        finally
        {
            _drawer.Release();
        }
    }
}

/// <summary>What the bookkeeping wants to know; the rate comes from the bank.</summary>
public sealed class CashReport(int taken)
{
    internal int InOtherMoney(int factor) => taken * factor * Rate();

    private static int Rate()
    {
        return RateAsync().Result; // expect: CONC106:note
    }

    private static async Task<int> RateAsync()
    {
        await Task.Yield();
        return 3;
    }
}
