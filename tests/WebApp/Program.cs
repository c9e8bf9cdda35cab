using ConcurrencyAnalyzers.Runtime;

// As such programs are: Main knows nothing of workers, and the container disposes the executor.
var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddSingleton(static _ => new ProcessExecutor(1));
var app = builder.Build();
app.MapGet("/worker", static (ProcessExecutor executor, CancellationToken token) => executor.RunAsync(static () => Environment.ProcessId, token));
app.MapGet("/square/{number:int}", static (int number, ProcessExecutor executor, CancellationToken token) => executor.RunAsync(static number => number * number, number, token));
app.MapGet("/crash", static async (ProcessExecutor executor, CancellationToken token) =>
{
    try
    {
        await executor.RunAsync(static () => Environment.FailFast("on purpose"), token);
        return "no crash";
    }
    catch (WorkerProcessException e)
    {
        return $"{e.Reason}, signal {e.Signal}";
    }
});
await app.RunAsync();
