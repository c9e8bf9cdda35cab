using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace ConcurrencyAnalyzers.Runtime.Tests.Repository;

/// <summary>Writes the public surface of an assembly as C# signatures, in an order that never depends on the compiler.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<string, string> Operators = new()
    {
        ["op_Equality"] = "==",
        ["op_Inequality"] = "!=",
        ["op_LogicalNot"] = "!",
        ["op_LessThan"] = "<",
        ["op_GreaterThan"] = ">",
        ["op_LessThanOrEqual"] = "<=",
        ["op_GreaterThanOrEqual"] = ">=",
        ["op_Addition"] = "+",
        ["op_Subtraction"] = "-",
        ["op_Implicit"] = "implicit",
        ["op_Explicit"] = "explicit",
    };

    public static string Render(Assembly assembly) =>
        string.Join("\n", assembly.GetExportedTypes().Select(static type => (Name: TypeName(type), Text: Render(type))).OrderBy(static type => type.Name, StringComparer.Ordinal).Select(static type => type.Text));

    public static string Render(Type type)
    {
        var text = new StringBuilder().Append(TypeLine(type)).Append('\n');
        if (type.IsEnum)
        {
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static).OrderBy(static field => Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)))
                text.Append(CultureInfo.InvariantCulture, $"    {field.Name} = {field.GetRawConstantValue()}\n");
            return text.ToString();
        }

        if (typeof(Delegate).IsAssignableFrom(type))
            return text.ToString();

        var members = type.GetMembers(Declared)
            .Where(static member => !member.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Select(static member => (Rank: Rank(member), member.Name, Text: MemberLine(member)))
            .Where(static member => member.Text is not null)
            .OrderBy(static member => member.Rank)
            .ThenBy(static member => member.Name, StringComparer.Ordinal)
            .ThenBy(static member => member.Text, StringComparer.Ordinal);
        foreach (var member in members)
            text.Append("    ").Append(member.Text).Append('\n');
        return text.ToString();
    }

    private static int Rank(MemberInfo member) => member switch
    {
        ConstructorInfo => 0,
        FieldInfo => 1,
        EventInfo => 2,
        PropertyInfo property => property.GetIndexParameters().Length > 0 ? 4 : 3,
        _ => 5,
    };

    private static string TypeLine(Type type)
    {
        var isRecord = type.GetMethod("<Clone>$", Declared) is not null || (type.IsValueType && type.GetMethod("PrintMembers", Declared) is not null);
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            return $"public delegate {ReturnOf(invoke)} {TypeName(type)}({ParametersOf(invoke.GetParameters())}){Constraints(type.GetGenericArguments())}";
        }

        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "") + (isRecord ? "record struct" : "struct"),
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => (type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (isRecord ? "record" : "class"),
        };
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var bases = type.GetInterfaces()
            .Where(candidate => candidate.IsPublic && !inherited.Contains(candidate) && !type.GetInterfaces().Any(other => other != candidate && other.GetInterfaces().Contains(candidate)))
            .Select(static candidate => TypeName(candidate))
            .Order(StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && !type.IsEnum)
            bases = bases.Prepend(TypeName(parent)).OrderBy(static _ => 0);
        var list = type.IsEnum ? "" : string.Join(", ", bases);
        return $"public {kind} {TypeName(type)}{(list.Length > 0 ? $" : {list}" : "")}{Constraints(type.GetGenericArguments())}";
    }

    private static string? MemberLine(MemberInfo member) => member switch
    {
        ConstructorInfo constructor when Access(constructor) is { } access && !constructor.IsStatic =>
            $"{access} {PlainName(constructor.DeclaringType!)}({ParametersOf(constructor.GetParameters())})",
        FieldInfo field when (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName =>
            $"{(field.IsPublic ? "public" : "protected")} {(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{TypeName(field.FieldType, NullableFlags.Of(field))} {field.Name}{(field.IsLiteral ? $" = {Literal(field.GetRawConstantValue(), field.FieldType)}" : "")}",
        EventInfo @event when Access(@event.AddMethod!) is { } access =>
            $"{access} {Modifiers(@event.AddMethod!)}event {TypeName(@event.EventHandlerType!, NullableFlags.Of(@event))} {@event.Name}",
        PropertyInfo property => PropertyLine(property),
        MethodInfo { IsSpecialName: false } method when Access(method) is { } access && !method.Name.Contains('<', StringComparison.Ordinal) =>
            $"{access} {Modifiers(method)}{ReturnOf(method)} {method.Name}{Generics(method.GetGenericArguments())}({(method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "")}{ParametersOf(method.GetParameters())}){Constraints(method.GetGenericArguments())}",
        MethodInfo { IsSpecialName: true, IsPublic: true } method when Operators.TryGetValue(method.Name, out var symbol) =>
            $"public static {ReturnOf(method)} operator {symbol}({ParametersOf(method.GetParameters())})",
        _ => null,
    };

    private static string? PropertyLine(PropertyInfo property)
    {
        var accessors = new[] { property.GetMethod, property.SetMethod }.Where(static accessor => accessor is not null && Access(accessor) is not null).ToList();
        if (accessors is not [{ } first, ..])
            return null;
        var access = accessors.Any(static accessor => accessor!.IsPublic) ? "public" : "protected";
        var parts = accessors.Select(accessor =>
        {
            var isInit = accessor!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
            var verb = accessor == property.GetMethod ? "get" : isInit ? "init" : "set";
            return (Access(accessor) == access ? "" : $"{Access(accessor)} ") + verb;
        });
        var index = property.GetIndexParameters();
        var name = index.Length > 0 ? $"this[{ParametersOf(index)}]" : property.Name;
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        return $"{access} {Modifiers(first)}{required}{TypeName(property.PropertyType, NullableFlags.Of(property))} {name} {{ {string.Join("; ", parts)}; }}";
    }

    private static string? Access(MethodBase method) =>
        method.IsPublic ? "public" : method.IsFamily || method.IsFamilyOrAssembly ? "protected" : null;

    private static string Modifiers(MethodInfo method)
    {
        if (method.IsStatic)
            return "static ";
        if (method.DeclaringType!.IsInterface)
            return "";
        var isOverride = method.GetBaseDefinition() != method;
        return (isOverride && method.IsFinal ? "sealed " : "")
            + (isOverride ? "override " : method.IsAbstract ? "abstract " : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "");
    }

    private static string ReturnOf(MethodInfo method) => TypeName(method.ReturnType, NullableFlags.Of(method.ReturnParameter));

    private static string ParametersOf(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(static parameter =>
    {
        var prefix = parameter switch
        {
            { IsOut: true } => "out ",
            { IsIn: true, ParameterType.IsByRef: true } => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ when parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) => "params ",
            _ => "",
        };
        var type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        var value = parameter.HasDefaultValue ? $" = {Literal(parameter.RawDefaultValue, type)}" : "";
        return $"{prefix}{TypeName(type, NullableFlags.Of(parameter))} {parameter.Name}{value}";
    }));

    private static string Literal(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ when type.IsEnum => $"{TypeName(type)}.{Enum.ToObject(type, value)}",
        int.MaxValue => "int.MaxValue",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Generics(Type[] arguments) =>
        arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(static argument => TypeName(argument)))}>";

    private static string Constraints(Type[] arguments) => string.Concat(arguments.Where(static argument => argument.IsGenericParameter).Select(static argument =>
    {
        var attributes = argument.GenericParameterAttributes;
        var isStruct = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        var types = argument.GetGenericParameterConstraints().Where(static constraint => constraint != typeof(ValueType)).Select(static constraint => TypeName(constraint));
        var isUnmanaged = argument.GetCustomAttributesData().Any(static attribute => attribute.AttributeType.Name == "IsUnmanagedAttribute");
        string[] first =
            isUnmanaged ? ["unmanaged"]
            : isStruct ? ["struct"]
            : attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? [NullableFlags.IsNotNull(argument) ? "class" : "class?"]
            : !types.Any() && NullableFlags.IsNotNull(argument) ? ["notnull"]
            : [];
        string[] last = attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct ? ["new()"] : [];
        var all = first.Concat(types).Concat(last).ToList();
        return all.Count == 0 ? "" : $" where {argument.Name} : {string.Join(", ", all)}";
    }));

    private static string PlainName(Type type) => type.Name.Split('`')[0];

    private static string TypeName(Type type, NullableFlags? flags = null)
    {
        if (type.IsByRef)
            return $"ref {TypeName(type.GetElementType()!, flags)}";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return $"{TypeName(underlying, flags)}?";
        var mark = flags?.TakeIsNullable(type) is true && !type.IsValueType ? "?" : "";
        if (type.IsArray)
            return $"{TypeName(type.GetElementType()!, flags)}[]{mark}";
        if (type.IsGenericParameter)
            return type.Name + mark;
        var outer = type.IsNested && type.DeclaringType!.Namespace == typeof(TaskGroup).Namespace ? $"{TypeName(type.DeclaringType)}." : "";
        var name = Keyword(type) ?? outer + PlainName(type);
        return type.IsGenericType
            ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(argument => TypeName(argument, flags)).ToList())}>{mark}"
            : name + mark;
    }

    private static string? Keyword(Type type) => type.FullName switch
    {
        "System.Void" => "void",
        "System.Object" => "object",
        "System.String" => "string",
        "System.Boolean" => "bool",
        "System.Byte" => "byte",
        "System.Int32" => "int",
        "System.Int64" => "long",
        "System.Double" => "double",
        _ => null,
    };
}
