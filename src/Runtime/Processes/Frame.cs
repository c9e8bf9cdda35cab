namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What a message between an executor and its worker is.</summary>
internal enum FrameKind : byte
{
    /// <summary>To the worker, first: a <see cref="StartMessage"/>.</summary>
    Start = 1,

    /// <summary>To the worker: a <see cref="MethodMessage"/>, which later runs name by its number.</summary>
    Method,

    /// <summary>To the worker: the number of a method, and the arguments of one call of it or of several.</summary>
    Run,

    /// <summary>To the worker: cancel the run of this number.</summary>
    Cancel,

    /// <summary>To the worker: end in good order.</summary>
    Exit,

    /// <summary>From the worker: it has been initialized.</summary>
    Ready,

    /// <summary>From the worker: the initializer threw this <see cref="FaultMessage"/>.</summary>
    NotReady,

    /// <summary>From the worker: the result of one call.</summary>
    Result,

    /// <summary>From the worker: one call threw this <see cref="FaultMessage"/>.</summary>
    Fault,

    /// <summary>From the worker: the argument couldn't be read, or the result not written; a <see cref="RefusalMessage"/>.</summary>
    Refused,
}

/// <summary>A message: four bytes of length, little end first, one of kind, then the payload.</summary>
internal readonly record struct Frame(FrameKind Kind, byte[] Payload)
{
    public const int HeaderSize = 5;

    /// <summary>What a payload may have beyond the values in it: lengths, the name of a method, or a fault in place of a result.</summary>
    public const int Overhead = 512 * 1024;
}
