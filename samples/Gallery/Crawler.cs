namespace Gallery;

/// <summary>Reads the catalogue of a shop, page by page.</summary>
public sealed class Crawler(HttpClient shop)
{
    public async Task<IReadOnlyList<Product>> ReadCatalogAsync(CancellationToken cancellationToken)
    {
        var index = await shop.GetStringAsync("catalog", cancellationToken);
        var pages = index.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        var products = await Task.WhenAll(pages.Select(page => ReadProductAsync(page, cancellationToken))); // expect: CONC201
        return products;
    }

    private async Task<Product> ReadProductAsync(string page, CancellationToken cancellationToken)
    {
        using var response = await shop.GetAsync(page, cancellationToken);
        var text = response.Content.ReadAsStringAsync(cancellationToken).Result; // expect: CONC102
        var parts = text.Split(';');
        return new Product(parts[0], int.Parse(parts[1]));
    }
}
