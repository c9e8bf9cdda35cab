namespace Consumer;

/// <summary>Mistakes about how long things live.</summary>
public sealed class Prices
{
    private int _asked;

    public async Task<int> CountAsync()
    {
        using var gate = new SemaphoreSlim(1, 1); // expect: CONC402
        await gate.WaitAsync();
        try
        {
            return ++_asked;
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task<string> ReadAsync(string page)
    {
        using var client = new HttpClient(); // expect: CONC403
        return await client.GetStringAsync(page);
    }

    public void Note(string line)
    {
        new Thread(() => Console.Error.WriteLine(line)).Start(); // expect: CONC404:note
    }
}
