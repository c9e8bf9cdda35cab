namespace ConcurrencyAnalyzers.Runtime;

/// <summary>How a piece of work ended.</summary>
public enum OutcomeStatus
{
    /// <summary>The work returned a value.</summary>
    Succeeded,

    /// <summary>The work threw.</summary>
    Failed,

    /// <summary>The work was cancelled, or never started because something else was.</summary>
    Canceled,
}
