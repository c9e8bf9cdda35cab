#nullable disable // Older than nullable references, as much code is.

namespace Gallery;

/// <summary>Prints, stamps and files the receipts; now and then the printer fails.</summary>
public sealed class Receipts
{
    private readonly TaskCompletionSource _filed = new(); // expect: CONC312:note
    private int _printed;
    private int _notes;

    public Task Filed => _filed.Task;

    public async Task<string> HandOutAsync(IReadOnlyList<Order> orders, CancellationToken cancellationToken)
    {
        await PrintBothAsync(orders[0], orders[1]);
        await PrintLastAsync(orders[^1], cancellationToken);
        await ReprintAsync(orders[0], cancellationToken);
        await CopyAsync(orders[0]);
        await FileAsync(orders[0]);
        Remember(orders[0]);
        return $"{orders.Count} receipts with stamp {await StampAsync(orders[0])} under {await LogoAsync(cancellationToken)}, {await CharactersAsync(orders[0], cancellationToken)} characters";
    }

    private async Task PrintBothAsync(Order customer, Order shop)
    {
        try
        {
            await Task.WhenAll(PrintAsync(customer), PrintAsync(shop)); // expect: CONC304:note
        }
        catch (Exception e)
        {
            Console.WriteLine(e.Message);
        }
    }

    private async Task PrintLastAsync(Order order, CancellationToken cancellationToken)
    {
        try
        {
            await PrintAsync(order, cancellationToken);
        }
        catch (Exception e) // expect: CONC309:note
        {
            Console.WriteLine(e.Message);
        }
    }

    private Task ReprintAsync(Order order, CancellationToken cancellationToken)
    {
        try
        {
            return PrintAsync(order, cancellationToken); // expect: CONC307
        }
        catch (IOException)
        {
            return Task.CompletedTask;
        }
    }

    private async Task CopyAsync(Order order)
    {
        await Task.Factory.StartNew(async () => await PrintAsync(order)); // expect: CONC306
    }

    private async Task<int> StampAsync(Order order)
    {
        return await CharactersAsync(order, CancellationToken.None).ContinueWith(task => task.Result + order.Number); // expect: CONC308:note
    }

    private Task FileAsync(Order order)
    {
        if (order is null)
            return null; // expect: CONC311

        _filed.TrySetResult();
        return PrintAsync(order);
    }

    private async void Remember(Order order) // expect: CONC303
    {
        await PrintAsync(order);
        Note();
    }

    private static async Task<string> LogoAsync(CancellationToken cancellationToken)
    {
        return await await Task.WhenAny(LoadLogoAsync(1, cancellationToken), LoadLogoAsync(2, cancellationToken)); // expect: CONC305:note
    }

    private static async Task<int> CharactersAsync(Order order, CancellationToken cancellationToken)
    {
        var length = LengthAsync(order, cancellationToken);
        if (await length == 0)
            return 0;

        return await length + 1; // expect: CONC310
    }

    private static async Task<string> LoadLogoAsync(int milliseconds, CancellationToken cancellationToken)
    {
        await Task.Delay(milliseconds, cancellationToken);
        return "the shop's logo";
    }

    private static async ValueTask<int> LengthAsync(Order order, CancellationToken cancellationToken)
    {
        await Task.Delay(1, cancellationToken);
        return order.Product.Name.Length;
    }

    private async Task PrintAsync(Order order, CancellationToken cancellationToken = default)
    {
        await Task.Delay(order.Number % 2, cancellationToken);
        Interlocked.Increment(ref _printed);
    }

    private void Note() => Interlocked.Increment(ref _notes);
}
