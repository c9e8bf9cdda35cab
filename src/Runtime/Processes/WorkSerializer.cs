using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Writes and reads arguments and results. Executor and worker make theirs from the same type of context, or both from none,
/// so that they agree.
/// </summary>
internal sealed class WorkSerializer
{
    // What is known of types is kept here, and costs much more to find than to read an argument.
    private static JsonSerializerOptions? s_byReflection;

    private readonly JsonSerializerOptions _options;
    private readonly ConcurrentDictionary<Type, (string Refusal, bool IsPlain)> _checks = new();

    [RequiresUnreferencedCode(ProcessExecutor.TrimmingMessage)]
    [RequiresDynamicCode(ProcessExecutor.TrimmingMessage)]
    public WorkSerializer(Type? context)
    {
        if (context is not null)
        {
            _options = ((JsonSerializerContext)Activator.CreateInstance(context)!).Options;
            return;
        }

        _options = s_byReflection ??= ByReflection();
    }

    /// <summary>Makes sure that values of a type arrive as what they are. True: nothing of the user's is called to read them.</summary>
    /// <exception cref="WorkSerializationException">They wouldn't; the message names the member.</exception>
    public bool Check(Type type)
    {
        var (refusal, isPlain) = _checks.GetOrAdd(
            type, static (type, options) => SerializableType.Refuse(type, options) is { } refusal ? (refusal, false) : ("", SerializableType.IsPlain(type, options)), _options);
        return refusal.Length == 0 ? isPlain : throw new WorkSerializationException(refusal, SerializableType.PathIn(refusal));
    }

    /// <summary>As <see cref="Check"/>, for what work returns; <see cref="ValueTuple"/> stands for nothing.</summary>
    public bool CheckResult<T>() => typeof(T) == typeof(ValueTuple) || Check(typeof(T));

    /// <summary>Reads what work returned; <see cref="ValueTuple"/> stands for nothing.</summary>
    public T ReadResult<T>(byte[] json) => typeof(T) == typeof(ValueTuple) ? default! : Read<T>(json);

    public byte[] Write(object? value, Type type)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(value, _options.GetTypeInfo(type));
        }
        catch (Exception e) // Members' getters and converters are user code.
        {
            throw new WorkSerializationException($"A {type} can't be sent to another process: {e.Message}", PathOf(e), e);
        }
    }

    public byte[] Write<T>(T value)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(value, (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T)));
        }
        catch (Exception e) // Members' getters and converters are user code.
        {
            throw new WorkSerializationException($"A {typeof(T)} can't be sent to another process: {e.Message}", PathOf(e), e);
        }
    }

    public object? Read(ReadOnlySpan<byte> json, Type type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, _options.GetTypeInfo(type));
        }
        catch (Exception e) // Constructors and converters are user code.
        {
            throw new WorkSerializationException($"A {type} couldn't be read from what another process sent: {e.Message}", PathOf(e), e);
        }
    }

    public T Read<T>(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T)))!;
        }
        catch (Exception e) // Constructors and converters are user code.
        {
            throw new WorkSerializationException($"A {typeof(T)} couldn't be read from what another process sent: {e.Message}", PathOf(e), e);
        }
    }

    [RequiresUnreferencedCode(ProcessExecutor.TrimmingMessage)]
    [RequiresDynamicCode(ProcessExecutor.TrimmingMessage)]
    private static JsonSerializerOptions ByReflection()
    {
        var options = new JsonSerializerOptions
        {
            // Tuples have fields alone, and would arrive empty.
            IncludeFields = true,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        options.MakeReadOnly();
        return options;
    }

    private static string? PathOf(Exception exception) =>
        exception is JsonException { Path: { Length: > 0 } path } ? path : SerializableType.PathIn(exception.Message);
}
