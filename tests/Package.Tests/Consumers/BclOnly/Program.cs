using System.Collections.Concurrent;

var mailer = new Mailer();
await mailer.SendAllAsync(["ann", "bob"], CancellationToken.None);
Console.WriteLine(string.Join(' ', mailer.Sent.Order()));

internal sealed class Mailer
{
    public ConcurrentBag<string> Sent { get; } = [];

    public async Task SendAllAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        Thread.Sleep(1); // expect: CONC101
        await Task.WhenAll(names.Select(name => SendAsync(name, cancellationToken))); // expect: CONC201
    }

    private async Task SendAsync(string name, CancellationToken cancellationToken)
    {
        await Task.Delay(1, cancellationToken);
        Sent.Add(name);
    }
}
