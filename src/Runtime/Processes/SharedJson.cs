using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Something that travels to another process as a reference to the memory behind it.</summary>
internal interface IShared<TSelf>
    where TSelf : IShared<TSelf>
{
    string Reference { get; }

    static abstract TSelf Open(string reference);
}

/// <summary>Writes the reference, and opens it again on the other side.</summary>
internal sealed class SharedJsonConverter<T> : JsonConverter<T>
    where T : IShared<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        T.Open(reader.GetString() ?? throw new JsonException());

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Reference);
}

/// <summary>Makes the converter of a generic type.</summary>
internal sealed class SharedJsonConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && (typeToConvert.GetGenericTypeDefinition() == typeof(SharedArray<>) || typeToConvert.GetGenericTypeDefinition() == typeof(ProcessChannel<>));

    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "The types that are shared satisfy the constraint.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Executors can't be made in a program compiled ahead of time without a warning.")]
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(SharedJsonConverter<>).MakeGenericType(typeToConvert))!;
}
