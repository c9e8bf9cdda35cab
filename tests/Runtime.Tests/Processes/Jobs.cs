using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>What the tests have workers do.</summary>
internal static partial class Jobs
{
    private static string s_initialized = "";
    private static int s_calls;

    public static int Square(int number) => number * number;

    public static int ProcessId() => Environment.ProcessId;

    public static int ProcessIdOf(int item) => Environment.ProcessId;

    /// <summary>How often this worker was called.</summary>
    public static int CountCalls() => ++s_calls;

    public static int SquareUnlessNegative(int number) => number >= 0 ? number * number : throw new ArgumentOutOfRangeException(nameof(number));

    public static int SquareOrDie(int number)
    {
        if (number < 0)
            KillSelf(9);
        return number * number;
    }

    public static int Throw(string message) => throw new BadImageFormatException(message, new DivideByZeroException("inner"));

    public static void ThrowSomethingUnserializable() => throw new HostileException();

    public static object ReturnObject() => new();

    public static Node ReturnCycle()
    {
        var node = new Node();
        node.Next = node;
        return node;
    }

    public static int Exit(int code)
    {
        Environment.Exit(code);
        return 0;
    }

    public static void FailFast(string message) => Environment.FailFast(message);

    public static int Overflow(int depth) => Overflow(depth + 1) + 1;

    public static void KillSelf(int signal)
    {
        _ = Kill(Environment.ProcessId, signal);
        Hang(); // Until the signal arrives.
    }

    /// <summary>Crashes as native code does.</summary>
    public static void Crash() => Abort();

    public static void Hang()
    {
        using var never = new ManualResetEventSlim();
        never.Wait();
    }

    public static int FailWithoutOrHangOn(SharedInt64? started)
    {
        HangOn(started ?? throw new InvalidOperationException("failed before the cancellation"));
        return 0;
    }

    public static void HangOn(SharedInt64 started)
    {
        started.Value = Environment.ProcessId;
        Hang();
    }

    /// <summary>Computes for ever, without a call that could be interrupted.</summary>
    public static void SpinOn(SharedInt64 started)
    {
        started.Value = Environment.ProcessId;
        while (true)
        {
        }
    }

    public static async Task<int> WaitForCancellation(SharedInt64 started, CancellationToken cancellationToken)
    {
        started.Value = Environment.ProcessId;
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return 0;
    }

    public static async Task<int> IgnoreCancellation(SharedInt64 started, CancellationToken cancellationToken)
    {
        started.Value = Environment.ProcessId;
        await Task.Delay(Timeout.Infinite, CancellationToken.None);
        return 0;
    }

    public static int FillManagedMemory()
    {
        List<byte[]> all = [];
        while (true)
        {
            all.Add(new byte[1024 * 1024]);
            Array.Fill(all[^1], (byte)1);
        }
    }

    public static unsafe int FillNativeMemory()
    {
        const int Size = 1024 * 1024;
        while (true)
            NativeMemory.Fill(NativeMemory.Alloc(Size), Size, 1);
    }

    public static unsafe int KeepNativeMemory(int size)
    {
        NativeMemory.Fill(NativeMemory.Alloc((nuint)size), (nuint)size, 1);
        return Environment.ProcessId;
    }

    public static int Flood(int lines)
    {
        for (var i = 0; i < lines; i++)
        {
            Console.WriteLine($"out {i} {new string('x', 200)}");
            Console.Error.WriteLine($"err {i} {new string('x', 200)}");
        }

        return lines;
    }

    public static int PrintAndExit(string text)
    {
        Console.WriteLine(text);
        return Exit(3);
    }

    public static string? ReadInput() => Console.ReadLine();

    public static string ReadEnvironment(string name) => Environment.GetEnvironmentVariable(name) ?? "(none)";

    /// <summary>Closes every descriptor but the three that every process has.</summary>
    public static void CloseHandles()
    {
        for (var descriptor = 3; descriptor < 1024; descriptor++)
            _ = Close(descriptor);
        Hang();
    }

    /// <summary>Closes input, output and standard error as well, and still gives its result.</summary>
    public static int CloseStandardHandles(int number)
    {
        for (var descriptor = 0; descriptor < 3; descriptor++)
            _ = Close(descriptor);
        return number;
    }

    /// <summary>Writes the header of a large result and some of it, then dies.</summary>
    public static void DieWithinResult()
    {
        var beginning = new byte[1024];
        BitConverter.TryWriteBytes(beginning, 1_000_000);
        beginning[4] = (byte)FrameKind.Result;
        WriteToPipe(beginning);
        KillSelf(9);
    }

    /// <summary>Writes to the executor in its worker's name.</summary>
    public static void WriteToExecutor(byte[] bytes)
    {
        WriteToPipe(bytes);
        Hang();
    }

    /// <summary>Starts a child that starts a child, tells their ids, and hangs.</summary>
    public static void StartChildrenAndHang(SharedArray<int> ids)
    {
        using var child = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "sleep 1000 & echo $!; wait"]) { RedirectStandardOutput = true })!;
        ids[1] = int.Parse(child.StandardOutput.ReadLine()!, provider: null);
        ids[0] = child.Id;
        Hang();
    }

    public static void StartChildrenAndDie(SharedArray<int> ids)
    {
        var child = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "sleep 1000 & echo $!; wait"]) { RedirectStandardOutput = true })!;
        ids[1] = int.Parse(child.StandardOutput.ReadLine()!, provider: null);
        ids[0] = child.Id;
        KillSelf(9);
    }

    public static string RunChild(string text)
    {
        using var child = Process.Start(new ProcessStartInfo("/bin/echo", [text]) { RedirectStandardOutput = true })!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return output.Trim();
    }

    public static int LengthOf(byte[] bytes) => bytes.Length;

    public static byte[] BytesOf(int length) => new byte[length];

    public static T Echo<T>(T value) => value;

    public static void Initialize(string value) => s_initialized = value;

    public static string Initialized() => s_initialized;

    public static void FailToInitialize() => throw new InvalidOperationException("no licence");

    public static void DieInInitializer() => KillSelf(9);

    public static void HangInInitializer(SharedInt64 started) => HangOn(started);

    /// <summary>Counts the attempts, and dies in the first of them.</summary>
    public static long DieUntil(Attempts attempts)
    {
        var attempt = attempts.Made.Increment();
        if (attempt < attempts.Good)
            KillSelf(9);
        return attempt;
    }

    /// <summary>Counts that the item's work was done, and dies if it is told to.</summary>
    public static int Mark(Marking marking)
    {
        marking.Marks.Add(marking.Item, 1);
        if (marking.Dies)
            KillSelf(9);
        return marking.Item;
    }

    /// <summary>Counts the calls for an item, and dies in the first of an item that is told to.</summary>
    public static int MarkAndDieOnce(Marking marking)
    {
        if (marking.Marks.Add(marking.Item, 1) == 1 && marking.Dies)
            KillSelf(9);
        return marking.Item;
    }

    /// <summary>Has a worker of its own, and waits for it in vain.</summary>
    public static async Task BeParentAsync(Family family)
    {
        family.Parent.Value = Environment.ProcessId;
        var options = new ProcessExecutorOptions { MaxWorkers = 1 };
        if (family.Does == Childhood.Starts)
            options.SetInitializer(HangInInitializer, family.Child);
        await using var executor = new ProcessExecutor(options);
        await (family.Does switch
        {
            Childhood.Idles => executor.RunAsync(TellId, family.Child),
            Childhood.Computes => executor.RunAsync(SpinOn, family.Child),
            _ => executor.RunAsync(HangOn, family.Child),
        });
        Hang();
    }

    private static void TellId(SharedInt64 id) => id.Value = Environment.ProcessId;

    /// <summary>Writes to the pipe that results go to, which is the one that isn't standard error and can be written.</summary>
    private static void WriteToPipe(byte[] bytes)
    {
        foreach (var link in new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos())
        {
            if (link.LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true && int.Parse(link.Name, provider: null) > 2)
                _ = Write(int.Parse(link.Name, provider: null), bytes, bytes.Length);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    internal static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "abort")]
    private static partial void Abort();

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, byte[] bytes, nint count);

    internal sealed record Attempts(SharedInt64 Made, int Good);

    internal sealed record Marking(SharedArray<int> Marks, int Item, bool Dies = false);

    internal sealed record Family(SharedInt64 Parent, SharedInt64 Child, Childhood Does);

    internal sealed class Node
    {
        public Node? Next { get; set; }
    }

    private sealed class HostileException : Exception
    {
        public override string Message => throw new InvalidOperationException("hostile");

        public override string? StackTrace => throw new InvalidOperationException("hostile");
    }
}
