using ConcurrencyAnalyzers.Runtime;
using Thumbnails;

// Thumbnails of images that nobody vouches for, with a decoder that trusts what it reads. Each is made in a worker process:
// the one that crashes its worker, the bomb and the one that never ends fail alone, and the others are done.
var folder = Directory.CreateTempSubdirectory("thumbnails-").FullName;
try
{
    SampleImages.WriteTo(folder);
    using var pixels = new SharedInt64();
    await using var executor = new ProcessExecutor(new ProcessExecutorOptions
    {
        MaxWorkers = 2,
        MemoryLimit = 256L * 1024 * 1024,
        WorkTimeout = TimeSpan.FromSeconds(10),
        MaxTasksPerWorker = 100,
    });

    var jobs = Directory.GetFiles(folder).Order().Select(file => new ThumbnailJob(file, 16, pixels));
    var outcomes = await executor.SettleAsync(jobs, Thumbnail.Make);
    foreach (var (job, size, failure) in outcomes)
        Console.WriteLine($"{Path.GetFileName(job.File),-14} {(failure is null ? size : Reason(failure))}");
    Console.WriteLine($"{pixels.Value:N0} pixels read; {outcomes.Successes().Count()} of {outcomes.Length} files done");
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static string Reason(Exception failure) => failure switch
{
    RemoteException remote => $"refused: {remote.Message}",
    TimeoutException => "took too long; its worker was killed",
    WorkerProcessException { Reason: WorkerExitReason.MemoryLimit } => "took too much memory; its worker was killed",
    WorkerProcessException crash => $"crashed its worker (signal {crash.Signal})",
    _ => failure.Message,
};
