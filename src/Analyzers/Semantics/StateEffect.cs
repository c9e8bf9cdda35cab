namespace ConcurrencyAnalyzers.Semantics;

/// <summary>How code changes a variable or what it holds.</summary>
internal enum EffectKind
{
    /// <summary>It reads the variable and writes what it makes of it: <c>x++</c>, <c>x += y</c>, <c>x = F(x)</c>, <c>if (y > x) x = y</c>.</summary>
    Update,

    /// <summary>It writes a value that differs from run to run; the last one stays.</summary>
    Overwrite,

    /// <summary>It changes a collection that isn't safe for several threads.</summary>
    Collection,
}

/// <summary>A place where a function changes state that may be shared.</summary>
internal sealed class StateEffect(EffectKind kind, IOperation operation, IOperation target, ISymbol variable, bool isAfterAwait)
{
    public EffectKind Kind { get; } = kind;

    /// <summary>The write, or the call on the collection.</summary>
    public IOperation Operation { get; } = operation;

    /// <summary>The mention of the variable that is written, or that holds the collection.</summary>
    public IOperation Target { get; } = target;

    /// <summary>A local, parameter, field or automatic property.</summary>
    public ISymbol Variable { get; } = variable;

    /// <summary>Whether the function may have awaited something before.</summary>
    public bool IsAfterAwait { get; } = isAfterAwait;
}

/// <summary>A place where a function calls another of the compilation with no lock held.</summary>
internal sealed class StateCall(IOperation operation, IMethodSymbol method, bool isAfterAwait)
{
    /// <summary>The call, or the mention of the method as a delegate.</summary>
    public IOperation Operation { get; } = operation;

    public IMethodSymbol Method { get; } = method;

    public bool IsAfterAwait { get; } = isAfterAwait;
}
