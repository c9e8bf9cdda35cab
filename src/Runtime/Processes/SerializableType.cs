using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Finds, before any value is written, what System.Text.Json would refuse only on the other side, or would lose without a word.
/// </summary>
internal static class SerializableType
{
    private const string PathPrefix = "Path: ";

    /// <summary>Why values of the type can't be sent, with the path of the member; null if they can.</summary>
    public static string? Refuse(Type type, JsonSerializerOptions options) => Refuse(type, options, "$", []);

    /// <summary>Whether values of the type are read by the serializer alone, without constructors, setters or converters of the user's.</summary>
    public static bool IsPlain(Type type, JsonSerializerOptions options)
    {
        var info = options.GetTypeInfo(type);
        return info.Converter.GetType().Assembly == typeof(JsonSerializer).Assembly
            && (info.Kind == JsonTypeInfoKind.None || (info.Kind == JsonTypeInfoKind.Enumerable && type.IsArray && IsPlain(type.GetElementType()!, options)));
    }

    /// <summary>The path that a message ends with, as those of System.Text.Json and our own do.</summary>
    public static string? PathIn(string message)
    {
        var start = message.LastIndexOf(PathPrefix, StringComparison.Ordinal);
        if (start < 0)
            return null;
        var path = message.AsSpan(start + PathPrefix.Length);
        var end = path.IndexOfAny([' ', '|', '\n']);
        return (end < 0 ? path : path[..end]).TrimEnd('.').ToString();
    }

    private static string? Refuse(Type type, JsonSerializerOptions options, string path, HashSet<Type> seen)
    {
        if (!seen.Add(type))
            return null;
        if (type == typeof(object))
            return Message("is declared as object, and its type would be lost", path);
        if (typeof(Delegate).IsAssignableFrom(type) || typeof(Task).IsAssignableFrom(type) || typeof(Stream).IsAssignableFrom(type) || type.IsPointer || type.IsByRefLike)
            return Message($"is a {type}, which exists in its own process only", path);

        JsonTypeInfo info;
        try
        {
            info = options.GetTypeInfo(type);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            return Message($"is a {type}, which the serializer doesn't know ({e.Message})", path);
        }

        return info.Kind switch
        {
            JsonTypeInfoKind.Object => RefuseObject(info, options, path, seen),
            JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary => ElementOf(type) is { } element ? Refuse(element, options, path + "[]", seen) : null,
            _ => null,
        };
    }

    private static string? RefuseObject(JsonTypeInfo info, JsonSerializerOptions options, string path, HashSet<Type> seen)
    {
        var type = info.Type;
        if ((type.IsAbstract || type.IsInterface) && info.PolymorphismOptions is null)
            return Message($"is declared as {type}, which can't be made again in another process", path);
        if (info.Properties.Count == 0 && HasState(type))
            return Message($"is a {type}, of which nothing is public and so nothing would be sent", path);
        foreach (var property in info.Properties)
        {
            // A property that can only be read is written for nothing, but does no harm.
            if (property.Get is not null && property.CustomConverter is null && property.Set is not null
                && Refuse(property.PropertyType, options, $"{path}.{property.Name}", seen) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "Executors can't be made in a trimmed program without a warning.")]
    private static bool HasState(Type type) => type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public).Length > 0;

    private static Type? ElementOf(Type type)
    {
        if (type.IsArray)
            return type.GetElementType();
        var arguments = type.GetGenericArguments();
        return arguments.Length == 0 ? null : arguments[^1];
    }

    private static string Message(string what, string path) => $"The value at {path} {what}. {PathPrefix}{path}.";
}
