using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What a piece of shared memory holds.</summary>
internal enum SharedMemoryKind
{
    Int64 = 1,
    Array,
    Lock,
    Channel,
}

/// <summary>
/// Memory that processes of the same user share. On Linux a file without a name: others reach it through its maker's
/// descriptor, and it is gone with the last who has it open, whoever was killed. Elsewhere a file of the current user's with
/// an unguessable name, deleted by its maker.
/// </summary>
internal sealed unsafe class SharedMemory : IDisposable
{
    private const long Magic = 0x3130_5053_4143; // "CASP01"
    private const int HeaderSize = 64;

    private readonly SafeFileHandle _file;
    private readonly SafeMemoryMappedViewHandle _view;
    private readonly string? _fileToDelete;

    private SharedMemory(SafeFileHandle file, string path, Header? header, long size, string? fileToDelete)
    {
        _file = file;
        _fileToDelete = fileToDelete;
        using var map = MemoryMappedFile.CreateFromFile(file, null, HeaderSize + size, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        // The accessor would unmap at its own end; the handle, which is all that is kept, does so at its own.
        _view = map.CreateViewAccessor(0, HeaderSize + size).SafeMemoryMappedViewHandle;
        using var lease = Use();
        if (header is { } given)
            *(Header*)Start = given;
        Reference = $"{path}|{((Header*)Start)->Id:N}";
    }

    /// <summary>What another process needs to open the same memory.</summary>
    public string Reference { get; }

    /// <summary>The open file, for locks. Each opening is another owner of them.</summary>
    public SafeFileHandle File => _file;

    private byte* Start => (byte*)_view.DangerousGetHandle();

    /// <summary>Makes zeroed memory for the current user.</summary>
    public static SharedMemory Create(SharedMemoryKind kind, long size, int elementSize, long count)
    {
        const string Shared = "/dev/shm";
        var folder = OperatingSystem.IsLinux() && Directory.Exists(Shared) ? Shared : Path.GetTempPath();
        var path = Path.Combine(folder, $"concurrency-analyzers-{Guid.NewGuid():N}");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            // Else a system without room for it would show that later, by a signal that ends the process which first touches a page.
            PreallocationSize = HeaderSize + size,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using var stream = new FileStream(path, options);
            stream.SetLength(HeaderSize + size);
            var file = OpenFile(path);
            var header = new Header { Magic = Magic, Id = Guid.NewGuid(), Kind = kind, ElementSize = elementSize, Count = count };
            if (!OperatingSystem.IsLinux())
                return new SharedMemory(file, path, header, size, path);
            var memory = new SharedMemory(file, $"/proc/{Environment.ProcessId}/fd/{file.DangerousGetHandle()}", header, size, null);
            System.IO.File.Delete(path);
            return memory;
        }
        catch
        {
            System.IO.File.Delete(path);
            throw;
        }
    }

    /// <summary>Opens what another process made, or this one.</summary>
    /// <exception cref="ObjectDisposedException">It exists no more.</exception>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static SharedMemory Open(string reference, SharedMemoryKind kind, int elementSize)
    {
        var separator = reference.LastIndexOf('|');
        if (separator < 0 || !Guid.TryParseExact(reference.AsSpan(separator + 1), "N", out var id))
            throw new InvalidDataException("This is no reference to shared memory.");
        var path = reference[..separator];
        SafeFileHandle? file = null;
        try
        {
            file = OpenFile(path);
            // First: it throws for what is no file, whose reading could block.
            var size = RandomAccess.GetLength(file) - HeaderSize;
            var header = default(Header);
            var read = RandomAccess.Read(file, new Span<byte>(&header, sizeof(Header)), 0);
            // The maker's descriptor may be another file's by now.
            if (read < sizeof(Header) || header.Magic != Magic || header.Id != id)
                throw new ObjectDisposedException("shared memory", "The process that made the shared memory has disposed it, or has ended.");
            if (header.Kind != kind || header.ElementSize != elementSize)
                throw new InvalidDataException($"The shared memory holds {header.Kind} of {header.ElementSize} bytes, not {kind} of {elementSize}.");
            return new SharedMemory(file, path, null, size, null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or NotSupportedException)
        {
            file?.Dispose();
            throw new ObjectDisposedException("The process that made the shared memory has disposed it, or has ended.", e);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Keeps the memory mapped until the lease is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It isn't mapped any more.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lease Use()
    {
        var added = false;
        _view.DangerousAddRef(ref added);
        return new Lease(this);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
        if (_fileToDelete is not null)
            System.IO.File.Delete(_fileToDelete);
    }

    private static SafeFileHandle OpenFile(string path) => OperatingSystem.IsWindows()
        ? System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete)
        : UnixProcess.OpenFile(path);

    /// <summary>The right to use the memory.</summary>
    public readonly ref struct Lease(SharedMemory memory)
    {
        public byte* Data => memory.Start + HeaderSize;

        public long Count => ((Header*)memory.Start)->Count;

        /// <summary>The process that holds the memory's lock, or held it when it died.</summary>
        public ref int Owner => ref ((Header*)memory.Start)->Owner;

        public void Dispose() => memory._view.DangerousRelease();
    }

    private struct Header
    {
        public long Magic;
        public Guid Id;
        public SharedMemoryKind Kind;
        public int ElementSize;
        public long Count;
        public int Owner;
    }
}
