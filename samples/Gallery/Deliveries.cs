namespace Gallery;

/// <summary>Hands parcels to the carrier, who wants them one by one and answers in time, or not.</summary>
public sealed class Deliveries
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private int _delivered;

    public async Task<string> SendAsync(IReadOnlyList<Order> orders, CancellationToken cancellationToken)
    {
        var started = DateTime.UtcNow;
        cancellationToken.Register(() => Console.WriteLine("The deliveries are called off.")); // expect: CONC607:note
        foreach (var order in orders)
        {
            await HandOverAsync(order, cancellationToken);
            await Task.Delay(Pause, cancellationToken); // expect: CONC605:note stays
        }

        await ConfirmAsync(CarrierAsync(cancellationToken));
        await CallAsync(cancellationToken);
        _delivered += orders.Count;
        var took = DateTime.UtcNow - started; // expect: CONC601:note
        return took < TimeSpan.FromMinutes(1) ? $"{_delivered} parcels delivered" : "too late";
    }

    private static async Task HandOverAsync(Order order, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Delay(order.Number % 2); // expect: CONC603:note
    }

    private static async Task ConfirmAsync(Task<string> answer)
    {
        var first = await Task.WhenAny(answer, Task.Delay(TimeSpan.FromSeconds(30))); // expect: CONC602
        if (first != answer)
            throw new TimeoutException("The carrier doesn't answer.");

        await answer;
    }

    private static async Task<string> CarrierAsync(CancellationToken cancellationToken)
    {
        while (true) // expect: CONC604:note stays
        {
            try
            {
                return await AnswerAsync(cancellationToken);
            }
            catch (IOException)
            {
            }
        }
    }

    private static async Task<string> AnswerAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(1, cancellationToken);
        return "taken";
    }

    private static async Task CallAsync(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken); // expect: CONC606:note
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        await Task.Delay(1, limit.Token);
    }
}
