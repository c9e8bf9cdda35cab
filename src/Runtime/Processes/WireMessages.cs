using System.Text.Json.Serialization;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What a worker is told before anything else.</summary>
internal sealed record StartMessage
{
    public required int MaxMessageSize { get; init; }

    /// <summary>The environment as the parent has it, where the worker was started with another; null: not set.</summary>
    public required Dictionary<string, string?> Environment { get; init; }

    /// <summary>The assembly-qualified name of the serializer context, if there is one.</summary>
    public string? SerializerContext { get; init; }

    public MethodMessage? Initializer { get; init; }

    public byte[]? InitializerArgument { get; init; }
}

/// <summary>Which method to call: the token means nothing outside the very build of the module that the id names.</summary>
internal sealed record MethodMessage
{
    public required int Number { get; init; }

    public required string Assembly { get; init; }

    public required string Module { get; init; }

    public required Guid ModuleVersionId { get; init; }

    public required int Token { get; init; }

    public required string[] TypeArguments { get; init; }

    public required string[] MethodArguments { get; init; }
}

internal sealed record FaultMessage
{
    public required string Type { get; init; }

    public required string Message { get; init; }

    public string? StackTrace { get; init; }

    public FaultMessage? Inner { get; init; }

    /// <summary>Whether the work obeyed the cancellation it was asked for.</summary>
    public bool IsCanceled { get; init; }
}

internal sealed record RefusalMessage
{
    public required string Message { get; init; }

    public string? Path { get; init; }

    public required string Type { get; init; }
}

[JsonSerializable(typeof(StartMessage))]
[JsonSerializable(typeof(MethodMessage))]
[JsonSerializable(typeof(FaultMessage))]
[JsonSerializable(typeof(RefusalMessage))]
internal sealed partial class WireContext : JsonSerializerContext;
