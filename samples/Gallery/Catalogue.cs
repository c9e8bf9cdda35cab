using ConcurrencyAnalyzers.Runtime;

namespace Gallery;

/// <summary>Counts and measures for the printed catalogue: in worker processes, where there are any.</summary>
public sealed class Catalogue(ProcessExecutor? workers)
{
    public async Task<string> MeasureAsync(IReadOnlyList<Product> products, char letter)
    {
        var names = products.Select(product => product.Name).ToArray();
        var letters = await CountAsync(names, letter);
        return $"{letters} times '{letter}', {await WeighAsync(new MemoryStream(new byte[16]))} bytes of pictures";
    }

    private async Task<int> CountAsync(string[] names, char letter)
    {
        if (workers is null)
            return names.Sum(name => name.Count(c => c == letter));

        // The executor would refuse it, so this is an error, but for .editorconfig.
        return await workers.RunAsync(all => all.Sum(name => name.Count(c => c == letter)), names); // expect: CONC701 stays
    }

    private async Task<long> WeighAsync(Stream picture)
    {
        if (workers is null)
            return picture.Length;

        return await workers.RunAsync(static one => one.Length, picture); // expect: CONC702 stays
    }
}
