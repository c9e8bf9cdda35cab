using System.Numerics;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

/// <summary>
/// What a limiter is meant to do, in the simplest words: it remembers every grant, lets time pass tick by tick, and asks of each request
/// whether the rule allows it.
/// </summary>
internal sealed class RateLimiterModel(int limit, int queueLimit, Func<IReadOnlyList<RateLimiterModel.Grant>, long, BigInteger> permitsAt)
{
    private readonly List<Grant> _grants = [];
    private readonly List<(int Id, int Permits)> _queue = [];

    public readonly record struct Grant(long Time, int Permits);

    public long Now { get; private set; }

    public long Granted { get; private set; }

    public long Refused { get; private set; }

    public long Queued => _queue.Sum(static waiter => (long)waiter.Permits);

    public HashSet<int> Served { get; } = [];

    public int Available => (int)BigInteger.Min(limit, permitsAt(_grants, Now));

    /// <summary>At most <paramref name="limit"/> permits in every window: those of the last one count.</summary>
    public static RateLimiterModel Window(int limit, long window, int queueLimit) => new(limit, queueLimit, (grants, now) =>
        limit - grants.Where(grant => grant.Time > now - window).Sum(static grant => grant.Permits));

    /// <summary>
    /// In no span of time more than the limit and what the rate brings in that span. What the rate brings within a single tick may come on
    /// top, since a tick is the finest that a clock tells.
    /// </summary>
    public static RateLimiterModel Refill(int limit, long period, int perPeriod, int queueLimit) => new(limit, queueLimit, (grants, now) =>
    {
        // Counted in 1/period permits.
        var left = (BigInteger)limit * period + perPeriod - 1;
        for (var i = 0; i < grants.Count; i++)
        {
            var since = grants[i].Time;
            var span = (BigInteger)limit * period + perPeriod - 1 + (BigInteger)(now - since) * perPeriod;
            left = BigInteger.Min(left, span - grants.Skip(i).Sum(static grant => (long)grant.Permits) * period);
        }
        var fromStart = (BigInteger)limit * period + (BigInteger)now * perPeriod - grants.Sum(static grant => (long)grant.Permits) * period;
        return BigInteger.Min(left, fromStart) / period;
    });

    public bool TryAcquire(int permits)
    {
        Serve();
        if (_queue.Count > 0 || !Allows(permits))
            return false;
        Take(permits);
        return true;
    }

    public bool TryEnqueue(int id, int permits)
    {
        if (Queued + Math.Max(permits, 1) > queueLimit)
            return false;
        _queue.Add((id, permits));
        return true;
    }

    public void Refuse() => Refused++;

    public void Cancel(int id)
    {
        _queue.RemoveAll(waiter => waiter.Id == id);
        Serve();
    }

    public void Dispose()
    {
        Refused += _queue.Count;
        _queue.Clear();
    }

    public void Advance(long ticks)
    {
        for (; ticks > 0; ticks--)
        {
            Now++;
            Serve();
        }
    }

    /// <summary>The ticks to wait until a request that was just refused would be served: found by trying.</summary>
    public long RetryAfter(int permits)
    {
        var copy = new RateLimiterModel(limit, int.MaxValue, permitsAt) { Now = Now };
        copy._grants.AddRange(_grants);
        copy._queue.AddRange(_queue);
        copy._queue.Add((int.MaxValue, permits));
        while (!copy.Served.Contains(int.MaxValue))
            copy.Advance(1);
        return copy.Now - Now;
    }

    /// <summary>The ticks for which everything has been there and nobody has waited.</summary>
    public long? IdleTicks
    {
        get
        {
            if (_queue.Count > 0 || Available < limit)
                return null;
            var since = Now;
            var lastGrant = _grants.Count == 0 ? 0 : _grants[^1].Time;
            while (since > lastGrant && permitsAt(_grants, since - 1) >= limit)
                since--;
            return Now - since;
        }
    }

    private bool Allows(int permits) => Available >= Math.Max(permits, 1);

    private void Serve()
    {
        while (_queue.Count > 0 && Allows(_queue[0].Permits))
        {
            Take(_queue[0].Permits);
            Served.Add(_queue[0].Id);
            _queue.RemoveAt(0);
        }
    }

    private void Take(int permits)
    {
        Granted++;
        if (permits > 0)
            _grants.Add(new(Now, permits));
    }
}
