namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Settings of a <see cref="Deadline"/>. Instances don't change and may be shared.</summary>
public sealed class DeadlineOptions
{
    private readonly DeadlineExpiry _onExpiry;
    private readonly TimeProvider _timeProvider = TimeProvider.System;

    /// <summary>What happens to the work on expiry and on cancellation by the caller. Default: <see cref="DeadlineExpiry.Await"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no member of <see cref="DeadlineExpiry"/>.</exception>
    public DeadlineExpiry OnExpiry
    {
        get => _onExpiry;
        init => _onExpiry = value is DeadlineExpiry.Await or DeadlineExpiry.Abandon
            ? value
            : throw new ArgumentOutOfRangeException(nameof(OnExpiry), value, "OnExpiry must be Await or Abandon.");
    }

    /// <summary>The clock and the timers, of which only the monotonic timestamps count. Default: <see cref="TimeProvider.System"/>.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public TimeProvider TimeProvider
    {
        get => _timeProvider;
        init => _timeProvider = value ?? throw new ArgumentNullException(nameof(TimeProvider), "TimeProvider must not be null.");
    }

    internal static DeadlineOptions Default { get; } = new();
}
