using System.Threading.Channels;

namespace Gallery;

/// <summary>An index of the shop's products: one piece of work for each of many.</summary>
public sealed class StockIndex(IReadOnlyList<Product> products)
{
    private readonly Channel<Product> _changes = Channel.CreateUnbounded<Product>(); // expect: CONC203:note
    private int _entries;

    public ValueTask ChangeAsync(Product product, CancellationToken cancellationToken) => _changes.Writer.WriteAsync(product, cancellationToken);

    public async Task<string> BuildAsync(CancellationToken cancellationToken)
    {
        foreach (var product in products)
        {
            _ = EnterAsync(product.Name, cancellationToken); // expect: CONC202
        }

        products.Select(product => EnterAsync(product.Name, cancellationToken)); // expect: CONC208

        var names = products.Select(product => product.Name).ToList();
        await EnterAllAsync(names);

        var total = await AddUpAsync();
        var sample = await SampleAsync(cancellationToken);
        var letters = (await LettersAsync(cancellationToken)).Sum();
        var isListed = CountBytes(Directory.GetFiles(AppContext.BaseDirectory, "*.json")) > 0;
        return $"index of {products.Count} products: {total:N0} for the first ten, {sample} for the first three, {letters} letters, {(isListed ? "listed" : "not listed")}";
    }

    /// <summary>Takes over what was changed since the last time.</summary>
    public async Task<int> UpdateAsync(CancellationToken cancellationToken)
    {
        var updated = 0;
        _changes.Writer.TryComplete();
        await foreach (var product in _changes.Reader.ReadAllAsync(cancellationToken))
        {
            await EnterAsync(product.Name, cancellationToken);
            updated++;
        }

        return updated;
    }

    private static int CountBytes(IReadOnlyList<string> lists) => lists.AsParallel().Sum(list => File.ReadAllBytes(list).Length); // expect: CONC205:note

    private Task EnterAllAsync(List<string> names)
    {
        Parallel.ForEach(names, async name => await EnterAsync(name, CancellationToken.None)); // expect: CONC204
        return Task.CompletedTask;
    }

    private List<Task<int>> AskForPrices() => products.Take(10).Select(product => PriceAsync(product, CancellationToken.None)).ToList();

    private async Task<int> AddUpAsync()
    {
        var total = 0;
        var prices = AskForPrices();
        while (prices.Count > 0)
        {
            var done = await Task.WhenAny(prices); // expect: CONC209:note
            prices.Remove(done);
            total += await done;
        }

        return total;
    }

    private async Task<int> SampleAsync(CancellationToken cancellationToken)
    {
        var total = 0;
        var sample = products.Take(3).Select(product => PriceAsync(product, cancellationToken));
        await Task.WhenAll(sample);
        foreach (var price in sample) // expect: CONC207
        {
            total += await price;
        }

        return total;
    }

    private async Task<List<int>> LettersAsync(CancellationToken cancellationToken)
    {
        var letters = new List<int>();
        foreach (var product in products) // expect: CONC206:note
        {
            letters.Add(await LengthAsync(product.Name, cancellationToken));
        }

        return letters;
    }

    private static async Task<int> PriceAsync(Product product, CancellationToken cancellationToken)
    {
        await Task.Delay(1, cancellationToken);
        return product.Price;
    }

    private static async Task<int> LengthAsync(string name, CancellationToken cancellationToken)
    {
        await Task.Delay(1, cancellationToken);
        return name.Length;
    }

    private async Task EnterAsync(string name, CancellationToken cancellationToken)
    {
        await Task.Delay(1, cancellationToken);
        Interlocked.Add(ref _entries, name.Length);
    }
}
