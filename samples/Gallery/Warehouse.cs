using System.Collections.Concurrent;
using System.Text;

namespace Gallery;

/// <summary>What is on which shelf, and who has been there.</summary>
public sealed class Warehouse
{
    [ThreadStatic]
    private static StringBuilder t_line = new(); // expect: CONC509

    private readonly ConcurrentDictionary<string, int> _shelves = new();
    private readonly SemaphoreSlim _door = new(1, 1);
    private readonly object _sync = new();
    private int _visits;
    private int _moves;

    public event EventHandler? Moved;

    public async Task<string> TakeStockAsync(IReadOnlyList<string> names)
    {
        foreach (var name in names)
            AddShelf(name);

        await MoveAsync(names[0]);
        await SaveAsync();
        Move();
        Settle(); // expect: CONC105
        Enter();
        return Describe(Count(names)); // expect: CONC105
    }

    private void AddShelf(string name)
    {
        if (!_shelves.ContainsKey(name))
            _shelves[name] = name.Length; // expect: CONC504
    }

    private int Count(IReadOnlyList<string> names)
    {
        var total = 0;
        var empty = new List<string>();
        Parallel.ForEach(names, new ParallelOptions { MaxDegreeOfParallelism = 2 }, name =>
        {
            total += name.Length; // expect: CONC501
            if (name.Length == 0)
                empty.Add(name); // expect: CONC502
        });
        return total - empty.Count;
    }

    private async Task MoveAsync(string name)
    {
        await _door.WaitAsync(); // expect: CONC503
        await Task.Yield();
        _shelves.TryRemove(name, out _);
        _door.Release();
    }

    private async Task SaveAsync()
    {
        Monitor.Enter(_sync); // expect: CONC505 stays
        try
        {
            await Task.CompletedTask;
        }
        finally
        {
            Monitor.Exit(_sync);
        }
    }

    private void Move()
    {
        lock (_sync)
        {
            _moves++;
            Moved?.Invoke(this, EventArgs.Empty); // expect: CONC510:note
        }
    }

    private void Settle()
    {
        lock (_sync)
            Thread.Sleep(1); // expect: CONC506:note stays
    }

    private void Enter()
    {
        Interlocked.Increment(ref _visits);
        lock (this) // expect: CONC507
            _moves--;
    }

    public void Leave() => _visits--; // expect: CONC508

    private string Describe(int total)
    {
        t_line.Clear().Append(total).Append(" items on ").Append(_shelves.Count).Append(" shelves");
        return t_line.ToString();
    }
}
