using System.Globalization;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Names the places that hold tasks, as text: <c>L1</c> for a local, <c>.2</c> for a field or property of what stands
/// before it, <c>[0]</c> for an element and <c>[*]</c> for each element. Two mentions of one place have one path.
/// </summary>
internal sealed class TaskPath(KnownSymbols known)
{
    public const string EachElement = "[*]";

    private readonly Dictionary<ISymbol, string> _names = new(SymbolEqualityComparer.Default);

    /// <summary>The path of the place that the operation reads; null where it reads none.</summary>
    public string? Of(IOperation? operation)
    {
        switch (AssignedValues.UnwrapOrNull(operation))
        {
            case ILocalReferenceOperation local:
                return OfSymbol(local.Local);
            case IParameterReferenceOperation parameter:
                return OfSymbol(parameter.Parameter);
            case IInstanceReferenceOperation:
                return "this";
            case IFieldReferenceOperation field:
                return TupleElement(field) ?? Member(field.Instance, field.Field);
            case IPropertyReferenceOperation { Arguments.IsEmpty: true } property:
                // A dictionary's Values are its pairs' values.
                return property.Property.Name == "Values" && IsDictionary(property.Property.ContainingType)
                    ? Of(property.Instance)
                    : Member(property.Instance, property.Property);
            case IPropertyReferenceOperation { Arguments: [var index] } indexer:
                return Of(indexer.Instance) is { } owner ? owner + (IsDictionary(indexer.Property.ContainingType) ? EachElement : Index(index.Value)) : null;
            case IArrayElementReferenceOperation { Indices: [var index] } element:
                return Of(element.ArrayReference) is { } array ? array + Index(index) : null;
            default:
                return null;
        }
    }

    /// <summary>The path of a member of what the operation reads; null where it reads no place.</summary>
    public string? Of(IOperation owner, ISymbol member) => Member(owner, member);

    public string OfSymbol(ISymbol symbol)
    {
        if (!_names.TryGetValue(symbol, out var name))
            _names.Add(symbol, name = "L" + _names.Count.ToString(CultureInfo.InvariantCulture));

        return name;
    }

    /// <summary>Whether the path is that of the place itself, or of something inside it.</summary>
    public static bool IsWithin(string path, string place) =>
        path.StartsWith(place, StringComparison.Ordinal) && (path.Length == place.Length || path[place.Length] is '.' or '[');

    /// <summary>The path with each numbered element made into any element.</summary>
    public static string Generalize(string path)
    {
        var open = path.IndexOf('[');
        if (open < 0)
            return path;

        var close = path.IndexOf(']', open);
        return path.Substring(0, open) + EachElement + Generalize(path.Substring(close + 1));
    }

    private string? Member(IOperation? instance, ISymbol member)
    {
        // The value of a pair stands for the dictionary's element: `pair.Value` and `dictionary[key]` are one place.
        if (member is { Name: "Value", ContainingType.Name: "KeyValuePair" })
            return Of(instance);

        var name = OfSymbol(member).Substring(1);
        return instance is null ? "S." + name : Of(instance) is { } owner ? owner + "." + name : null;
    }

    // `pair.Name` and `pair.Item1` are one element.
    private string? TupleElement(IFieldReferenceOperation field) =>
        field.Field is { ContainingType.IsTupleType: true, CorrespondingTupleField: { } element } && Of(field.Instance) is { } tuple ? tuple + "." + element.Name : null;

    private bool IsDictionary(INamedTypeSymbol type) =>
        known.IsDictionary(type) || type.AllInterfaces.Any(known.IsDictionary);

    private static string Index(IOperation index) =>
        index.ConstantValue is { HasValue: true, Value: int constant } ? "[" + constant.ToString(CultureInfo.InvariantCulture) + "]" : EachElement;
}
