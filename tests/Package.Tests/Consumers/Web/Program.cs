var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");

var app = builder.Build();
app.MapGet("/quote", async (CancellationToken cancellationToken) =>
{
    Thread.Sleep(2); // expect: CONC101
    await Task.Yield();
    return "42";
});
app.MapGet("/quotes", async (int count) => (await Task.WhenAll(Enumerable.Range(1, count).Select(QuoteAsync))).Sum());
await app.StartAsync();

using (var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) })
{
    Console.WriteLine(await http.GetStringAsync("/quote"));
    Console.WriteLine(await http.GetStringAsync("/quotes?count=3"));
}

await app.StopAsync();

static async Task<int> QuoteAsync(int number)
{
    await Task.Yield();
    return number;
}
