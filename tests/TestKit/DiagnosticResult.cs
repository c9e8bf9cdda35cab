using Microsoft.CodeAnalysis;

namespace ConcurrencyAnalyzers.TestKit;

/// <summary>An expected diagnostic, beyond what the markup alone can say.</summary>
public sealed record DiagnosticResult
{
    private DiagnosticResult(string id, DiagnosticDescriptor? descriptor)
    {
        Id = id;
        Descriptor = descriptor;
        Severity = descriptor?.DefaultSeverity;
    }

    public string Id { get; }

    internal DiagnosticDescriptor? Descriptor { get; }

    internal int? LocationKey { get; private init; }

    internal DiagnosticSeverity? Severity { get; private init; }

    internal string? Message { get; private init; }

    public static DiagnosticResult Of(DiagnosticDescriptor descriptor) => new(descriptor.Id, descriptor);

    public static DiagnosticResult CompilerError(string id) => new(id, null);

    /// <summary>At the span that the markup writes as <c>{|#key:…|}</c>.</summary>
    public DiagnosticResult WithLocation(int key) => this with { LocationKey = key };

    public DiagnosticResult WithSeverity(DiagnosticSeverity severity) => this with { Severity = severity };

    /// <summary>The whole message is the descriptor's, with these arguments.</summary>
    public DiagnosticResult WithArguments(params object[] arguments) => this with
    {
        Message = string.Format(
            System.Globalization.CultureInfo.InvariantCulture,
            (Descriptor ?? throw new InvalidOperationException("A compiler error's arguments can't be checked.")).MessageFormat.ToString(System.Globalization.CultureInfo.InvariantCulture),
            arguments),
    };

    public DiagnosticResult WithMessage(string message) => this with { Message = message };
}
