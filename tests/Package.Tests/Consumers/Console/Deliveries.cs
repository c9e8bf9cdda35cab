namespace Consumer;

/// <summary>Mistakes about time and cancellation.</summary>
public sealed class Deliveries
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private int _cancelled;

    public async Task<string> SendAsync(IReadOnlyList<int> orders, CancellationToken cancellationToken)
    {
        var started = DateTime.UtcNow;
        cancellationToken.Register(() => _cancelled++); // expect: CONC607:note stays
        foreach (var order in orders)
        {
            await HandOverAsync(order, cancellationToken);
            await Task.Delay(Pause, cancellationToken);
        }

        await ConfirmAsync(CarrierAsync(cancellationToken));
        await CallAsync(cancellationToken);
        var took = DateTime.UtcNow - started; // expect: CONC601:note
        return took < TimeSpan.FromMinutes(1) && _cancelled == 0 ? $"{orders.Count} parcels delivered" : "too late";
    }

    private static async Task HandOverAsync(int order, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Delay(order % 2); // expect: CONC603:note
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
