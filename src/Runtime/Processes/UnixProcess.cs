using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What the processes part needs of Unix and .NET doesn't offer.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class UnixProcess
{
    public const int SigKill = 9;

    private const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC, Linux
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int LockRelease = 8;
    private const int Interrupted = 4;

    /// <summary>Makes this process the leader of a session and a group of its own. Its children stay in the group.</summary>
    public static bool LeadOwnGroup() => SetSid() >= 0;

    /// <summary>Kills every process of the group that <paramref name="leader"/> leads or led.</summary>
    public static void KillGroup(int leader) => _ = Kill(-leader, SigKill);

    /// <summary>A copy of a descriptor that children don't inherit (Linux); -1 if there is none.</summary>
    [SupportedOSPlatform("linux")]
    public static int Duplicate(int descriptor) => Fcntl(descriptor, DuplicateCloseOnExec, 3);

    /// <summary>Makes <paramref name="target"/> another name of <paramref name="descriptor"/>.</summary>
    public static void Redirect(int descriptor, int target) => _ = Dup2(descriptor, target);

    /// <summary>
    /// Opens a file to read and write. Not .NET's way, which takes a lock for the file's sharing, and fails where another holds it.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file that the user may open.</exception>
    public static SafeFileHandle OpenFile(string path)
    {
        const int ReadWrite = 2;
        var closeOnExec = OperatingSystem.IsMacOS() ? 0x100_0000 : 0x8_0000;
        int descriptor;
        while ((descriptor = Open(path, ReadWrite | closeOnExec)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
                throw new FileNotFoundException($"{path} can't be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }

        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Takes the lock on an open file, waiting for it. The kernel gives it back when the process ends, however it does.</summary>
    public static void Lock(SafeHandle file)
    {
        while (Flock(file, LockExclusive) < 0)
            ThrowUnlessInterrupted();
    }

    /// <summary>As <see cref="Lock"/>, but false at once if another holds it.</summary>
    public static bool TryLock(SafeHandle file)
    {
        while (Flock(file, LockExclusive | LockNonBlocking) < 0)
        {
            if (Marshal.GetLastPInvokeError() is 11 or 35) // EWOULDBLOCK of Linux, of macOS
                return false;
            ThrowUnlessInterrupted();
        }

        return true;
    }

    public static void Unlock(SafeHandle file) => _ = Flock(file, LockRelease);

    private static void ThrowUnlessInterrupted()
    {
        var error = Marshal.GetLastPInvokeError();
        if (error != Interrupted)
            throw new IOException($"The file can't be locked: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    private static partial int SetSid();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Dup2(int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeHandle file, int operation);
}
