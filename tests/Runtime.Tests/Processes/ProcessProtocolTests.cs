using System.Diagnostics;
using System.Text.Json;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>The pipe between executor and worker, and who may say what on it.</summary>
public sealed class ProcessProtocolTests
{
    public static TheoryData<byte[]> NoMessages =>
    [
        new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff },
        new byte[] { 0, 0, 0, 0x7f, (byte)FrameKind.Start },
        new byte[] { 0, 0, 0, 0, 0 },
        new byte[] { 0, 0, 0, 0, 99 },
        new byte[] { 0, 0, 0, 0, (byte)FrameKind.Run },
        new byte[] { 4, 0, 0, 0, (byte)FrameKind.Start, 1, 2, 3, 4 },
    ];

    [Theory]
    [MemberData(nameof(NoMessages))]
    public async Task A_worker_that_is_sent_no_message_ends_with_an_error(byte[] bytes)
    {
        using var worker = Process.Start(WorkerLaunch.Discover(new ProcessExecutorOptions()).ToStartInfo())!;

        await worker.StandardInput.BaseStream.WriteAsync(bytes);
        await worker.StandardInput.BaseStream.FlushAsync();

        await worker.WaitForExitAsync().Bounded();
        Assert.Equal(WorkerHost.ProtocolError, worker.ExitCode);
        Assert.Contains("no message", await worker.StandardError.ReadToEndAsync().Bounded(), StringComparison.Ordinal);
        Assert.Equal("", await worker.StandardOutput.ReadToEndAsync().Bounded());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(20)]
    public async Task A_worker_whose_pipe_closes_ends_also_within_a_message(int sent)
    {
        using var worker = Process.Start(WorkerLaunch.Discover(new ProcessExecutorOptions()).ToStartInfo())!;
        byte[] message = [100, 0, 0, 0, (byte)FrameKind.Start, .. new byte[100]];

        await worker.StandardInput.BaseStream.WriteAsync(message.AsMemory(0, sent));
        worker.StandardInput.Close();

        await worker.WaitForExitAsync().Bounded();
        Assert.Equal(137, worker.ExitCode);
    }

    /// <summary>Correct messages, then one with a byte changed, cut or made up; PROCESS_STRESS times as many.</summary>
    [Fact]
    public async Task A_worker_ends_whatever_it_is_sent()
    {
        var random = new Random(20);
        for (var i = 0; i < 4 * StressScale.Factor; i++)
        {
            var bytes = MessagesOfARun(random);
            switch (random.Next(3))
            {
                case 0:
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                default:
                    random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
                    break;
            }

            using var worker = Process.Start(WorkerLaunch.Discover(new ProcessExecutorOptions()).ToStartInfo())!;
            var output = worker.StandardOutput.ReadToEndAsync();
            var errors = worker.StandardError.ReadToEndAsync();
            try
            {
                await worker.StandardInput.BaseStream.WriteAsync(bytes);
                worker.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has ended by now.
            }

            await worker.WaitForExitAsync().Bounded();
            Assert.True(worker.ExitCode is 0 or WorkerHost.ProtocolError or 137, $"{i}: {worker.ExitCode} {await output} {await errors}");
        }
    }

    [Fact]
    public void A_reader_of_frames_takes_whatever_comes()
    {
        var random = new Random(20);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            if (bytes.Length > 3 && random.Next(3) > 0)
                (bytes[1], bytes[2], bytes[3]) = (0, 0, 0);
            var reader = new FrameReader(new MemoryStream(bytes)) { MaxPayload = 100 };
            try
            {
                while (reader.Read() is { } frame)
                {
                    Assert.InRange(frame.Payload.Length, 0, 100);
                    if (frame.Kind == FrameKind.Run)
                        ReadAll(new RunReader(frame.Payload));
                }
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                // What it may say.
            }
        }

        static void ReadAll(RunReader run)
        {
            for (var i = 0; i < 1000 && run.TryReadArgument(out _); i++)
            {
            }
        }
    }

    [Fact]
    public void A_method_of_another_build_is_refused()
    {
        var message = WorkMethod.Of((Func<int, int>)Jobs.Square).Message;

        Assert.Same(WorkMethod.Of((Func<int, int>)Jobs.Square), WorkMethod.Resolve(message));
        Assert.Throws<InvalidOperationException>(() => WorkMethod.Resolve(message with { ModuleVersionId = Guid.NewGuid() }));
        Assert.Throws<InvalidOperationException>(() => WorkMethod.Resolve(message with { Module = "other.dll" }));
        Assert.Throws<FileNotFoundException>(() => WorkMethod.Resolve(message with { Assembly = "NotOfThisProgram" }));
        Assert.ThrowsAny<ArgumentException>(() => WorkMethod.Resolve(message with { Token = 0x0600_ffff }));
    }

    [Fact]
    public async Task A_worker_has_no_socket_and_its_children_get_no_pipe_of_its_messages()
    {
        await using var executor = new ProcessExecutor(1);

        Assert.Empty(await executor.RunAsync(OpenSockets).Bounded());
        // Those that this process was started with go on to everybody, and are nobody's secret.
        Assert.Empty((await executor.RunAsync(PipesOfChild).Bounded()).Except(InheritedPipes()));
    }

    [Fact]
    public void Frames_are_read_as_they_were_written_however_they_are_cut()
    {
        var writer = new FrameWriter();
        writer.Add(FrameKind.Result, [1, 2, 3]);
        writer.Add(FrameKind.Ready);
        writer.Add(FrameKind.Result, new byte[100_000]);
        var bytes = writer.Written.ToArray();

        foreach (var size in new[] { 1, 7, 4096, 1_000_000 })
        {
            var reader = new FrameReader(new SlowStream(bytes, size)) { MaxPayload = 100_000 };
            Assert.Equal([1, 2, 3], reader.Read()!.Value.Payload);
            Assert.Equal(FrameKind.Ready, reader.Read()!.Value.Kind);
            Assert.Equal(100_000, reader.Read()!.Value.Payload.Length);
            Assert.Null(reader.Read());
        }

        Assert.Throws<InvalidDataException>(() => new FrameReader(new MemoryStream([4, 0, 0, 0, 1, 1, 2, 3, 4])) { MaxPayload = 3 }.Read());
        Assert.Throws<EndOfStreamException>(() => new FrameReader(new MemoryStream([4, 0, 0, 0, 1, 1])) { MaxPayload = 4 }.Read());
        Assert.Throws<EndOfStreamException>(() => new FrameReader(new MemoryStream([4, 0])) { MaxPayload = 4 }.Read());
    }

    private static byte[] MessagesOfARun(Random random)
    {
        var method = WorkMethod.Of((Func<int, int>)Jobs.Square);
        var writer = new FrameWriter();
        var start = new StartMessage { MaxMessageSize = 4096, Environment = [] };
        writer.Add(FrameKind.Start, JsonSerializer.SerializeToUtf8Bytes(start, WireContext.Default.StartMessage));
        writer.Add(FrameKind.Method, JsonSerializer.SerializeToUtf8Bytes(method.Message, WireContext.Default.MethodMessage));
        RunReader.Write(writer, method, stopsAtFault: false, new byte[]?[] { "3"u8.ToArray(), "4"u8.ToArray() });
        writer.Add(FrameKind.Cancel, BitConverter.GetBytes(random.Next(3)));
        return writer.Written.ToArray();
    }

    private static List<string> OpenSockets() => [.. DescriptorsOf("self").Where(target => target.StartsWith("socket:", StringComparison.Ordinal))];

    /// <summary>The pipes of this process but for standard error's, as far as a child has them too.</summary>
    private static List<string> PipesOfChild()
    {
        using var child = Process.Start(new ProcessStartInfo("/bin/sleep", ["1000"]))!;
        var error = new FileInfo("/proc/self/fd/2").LinkTarget!;
        var shared = DescriptorsOf("self").Intersect(DescriptorsOf($"{child.Id}")).Where(target => target.StartsWith("pipe:", StringComparison.Ordinal) && target != error).ToList();
        child.Kill();
        return shared;
    }

    private static List<string> InheritedPipes()
    {
        const int CloseOnExec = 0x8_0000;
        List<string> inherited = [];
        foreach (var info in Directory.EnumerateFiles("/proc/self/fdinfo"))
        {
            try
            {
                var flags = File.ReadLines(info).First(line => line.StartsWith("flags:", StringComparison.Ordinal))["flags:".Length..].Trim();
                if ((Convert.ToInt32(flags, 8) & CloseOnExec) == 0)
                    inherited.Add(new FileInfo($"/proc/self/fd/{Path.GetFileName(info)}").LinkTarget ?? "");
            }
            catch (FileNotFoundException)
            {
                // Closed since it was listed, by whatever else this process does; no child has it.
            }
        }

        return inherited;
    }

    private static List<string> DescriptorsOf(string process) =>
        [.. new DirectoryInfo($"/proc/{process}/fd").EnumerateFileSystemInfos().Select(link => link.LinkTarget ?? "")];

    private sealed class SlowStream(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(most, count));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(most, buffer.Length)]);
    }
}
