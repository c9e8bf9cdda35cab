using System.Reflection;

namespace ConcurrencyAnalyzers.Runtime.Tests.Repository;

/// <summary>
/// The nullable annotations of one signature part, in the order in which the compiler writes them: a type before its
/// arguments, value types only when generic. NullabilityInfoContext can't tell <c>T</c> from <c>T?</c>.
/// </summary>
internal sealed class NullableFlags
{
    private readonly byte[] _flags;
    private int _next;

    private NullableFlags(byte[] flags) => _flags = flags;

    public static NullableFlags Of(ParameterInfo parameter) =>
        new(Read(parameter.GetCustomAttributesData(), "NullableAttribute") ?? [Context(parameter.Member)]);

    public static NullableFlags Of(MemberInfo member) =>
        new(Read(member.GetCustomAttributesData(), "NullableAttribute") ?? [Context(member.DeclaringType)]);

    /// <summary>Whether a type parameter is declared <c>notnull</c> or, with a class constraint, not <c>class?</c>.</summary>
    public static bool IsNotNull(Type typeParameter) =>
        (Read(typeParameter.GetCustomAttributesData(), "NullableAttribute") ?? [Context(typeParameter.DeclaringMethod ?? (MemberInfo?)typeParameter.DeclaringType)])[0] == 1;

    /// <summary>Takes the flag of the next type.</summary>
    public bool TakeIsNullable(Type type)
    {
        if (type.IsValueType && !type.IsGenericType)
            return false;
        var flag = _flags.Length == 1 ? _flags[0] : _flags[_next++];
        return flag == 2;
    }

    private static byte Context(MemberInfo? member)
    {
        for (; member is not null; member = member.DeclaringType)
        {
            if (Read(member.GetCustomAttributesData(), "NullableContextAttribute") is [var context])
                return context;
        }

        return 0;
    }

    private static byte[]? Read(IEnumerable<CustomAttributeData> attributes, string name) =>
        attributes.FirstOrDefault(attribute => attribute.AttributeType.Name == name)?.ConstructorArguments[0].Value switch
        {
            byte flag => [flag],
            IEnumerable<CustomAttributeTypedArgument> flags => [.. flags.Select(static flag => (byte)flag.Value!)],
            _ => null,
        };
}
