using System.Threading.Tasks.Sources;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Tasks in the order in which they end, for one reader. Adding, ending and taking cost O(1) each; nothing refers to a task
/// once it is taken.
/// </summary>
/// <remarks>
/// Tasks that end push a node onto a chain (no lock, any thread); the reader takes the chain whole, turns it round and
/// reads it off. A node without a task interrupts the reader: a timer or a token fired.
/// </remarks>
internal class CompletionQueue<TTask> : IValueTaskSource<TTask?>
    where TTask : Task
{
    private static readonly Node Waiting = new();

    private ManualResetValueTaskSourceCore<TTask?> _reader = new() { RunContinuationsAsynchronously = true };
    private Node? _ended;
    private Node? _oldestFirst;

    /// <summary>Whether nothing has been queued that nobody took.</summary>
    protected bool IsEmpty => Volatile.Read(ref _ended) is null && _oldestFirst is null;

    /// <summary>Queues <paramref name="task"/> as soon as it has ended.</summary>
    public void Add(TTask task)
    {
        var node = new Node { Task = task };
        if (task.IsCompleted)
            Push(node);
        else
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(node.PushTo(this));
    }

    /// <summary>Makes the reader, now or at its turn, take a null.</summary>
    public void Interrupt() => Push(new Node());

    /// <summary>The task that ended next; null after an <see cref="Interrupt"/>. One call at a time.</summary>
    public ValueTask<TTask?> TakeAsync() => TryTake(out var task, out var waiter) ? new(task) : new(this, waiter);

    /// <summary>Takes what has ended already, a null after an <see cref="Interrupt"/>; false if nothing has. Never while a <see cref="TakeAsync"/> waits.</summary>
    public bool TryTakeEnded(out TTask? task)
    {
        if (IsEmpty)
        {
            task = null;
            return false;
        }

        if (_oldestFirst is null)
            TakeChain();
        task = TakeNode();
        return true;
    }

    public TTask? GetResult(short token)
    {
        _reader.GetResult(token);
        TakeChain();
        return TakeNode();
    }

    public ValueTaskSourceStatus GetStatus(short token) => _reader.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _reader.OnCompleted(continuation, state, token, flags);

    /// <summary>Takes what ended next; or, false, gives the token with which to wait for it as a value task source.</summary>
    protected bool TryTake(out TTask? task, out short waiter)
    {
        while (true)
        {
            if (_oldestFirst is null && Volatile.Read(ref _ended) is not null)
                TakeChain();
            if (_oldestFirst is not null)
            {
                task = TakeNode();
                waiter = 0;
                return true;
            }

            _reader.Reset();
            // Read before the exchange: from then on another thread may let the reader go on.
            waiter = _reader.Version;
            if (Interlocked.CompareExchange(ref _ended, Waiting, null) is null)
            {
                task = null;
                return false;
            }
        }
    }

    private void Push(Node node)
    {
        Node? head;
        do
        {
            head = Volatile.Read(ref _ended);
            node.Next = head == Waiting ? null : head;
        }
        while (Interlocked.CompareExchange(ref _ended, node, head) != head);

        if (head == Waiting)
            _reader.SetResult(null);
    }

    private void TakeChain()
    {
        for (var node = Interlocked.Exchange(ref _ended, null); node is not null;)
        {
            var next = node.Next;
            node.Next = _oldestFirst;
            _oldestFirst = node;
            node = next;
        }
    }

    private TTask? TakeNode()
    {
        var node = _oldestFirst!;
        _oldestFirst = node.Next;
        var task = node.Task;
        // The ended task holds on to its continuation, and so to the node.
        node.Next = null;
        node.Task = null;
        return task;
    }

    private sealed class Node
    {
        private CompletionQueue<TTask>? _queue;

        public TTask? Task { get; set; }

        public Node? Next { get; set; }

        public Action PushTo(CompletionQueue<TTask> queue)
        {
            _queue = queue;
            return Push;
        }

        private void Push()
        {
            var queue = _queue!;
            _queue = null;
            queue.Push(this);
        }
    }
}
