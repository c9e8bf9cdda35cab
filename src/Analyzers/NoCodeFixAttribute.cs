namespace ConcurrencyAnalyzers;

/// <summary>Says of a rule why no code fix can be offered for it.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NoCodeFixAttribute(string reason) : Attribute
{
    public string Reason { get; } = reason;
}
