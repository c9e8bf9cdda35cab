using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Checks options: the exception names the property and the range that it allows.</summary>
internal static class OptionRange
{
    public static T Require<T>(T value, T min, T max, [CallerArgumentExpression(nameof(value))] string expression = "")
        where T : IComparable<T>
    {
        if (value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0)
            return value;
        throw OutOfRange(expression, value, $"from {Text(min)} to {Text(max)}");
    }

    /// <summary>A fraction in (0, 1]; not a number is refused as well.</summary>
    public static T RequireFraction<T>(T value, [CallerArgumentExpression(nameof(value))] string expression = "")
        where T : IFloatingPoint<T>
    {
        if (value > T.Zero && value <= T.One)
            return value;
        throw OutOfRange(expression, value, "greater than 0 and at most 1");
    }

    /// <summary>A duration greater than zero; an infinite one is refused, since it is a negative number.</summary>
    public static TimeSpan RequirePositive(TimeSpan value, [CallerArgumentExpression(nameof(value))] string expression = "")
    {
        if (value > TimeSpan.Zero)
            return value;
        throw OutOfRange(expression, value, $"greater than {Text(TimeSpan.Zero)} and finite");
    }

    private static ArgumentOutOfRangeException OutOfRange<T>(string expression, T value, string range)
    {
        var property = expression[(expression.LastIndexOf('.') + 1)..];
        return new(property, $"{property} must be {range}, but was {Text(value)}.");
    }

    private static string? Text<T>(T value) => Convert.ToString(value, CultureInfo.InvariantCulture);
}
