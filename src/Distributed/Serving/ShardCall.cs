using System.Diagnostics;

namespace KernelPolicy.Distributed;

/// <summary>A question to one shard and room for its answer. Numbers of items are the shard's own, from 0.</summary>
/// <remarks>Made once and used for one question after another: a call is the shard's from <see cref="IShard.Start"/> until it ends it, also
/// where nobody waits any more (<see cref="IsWanted"/>), and it must not be looked at afterwards.</remarks>
public sealed class ShardCall
{
    private static readonly TimeoutException TooLate = new("The deadline passed before the shard came to it.");

    private readonly float[] _context;
    private IShardCaller? _caller;
    private int[] _items = [];
    private int _itemCount;
    private int[] _found = [];
    private float[] _scores = [];
    private int _isOpen;
    private volatile bool _isAbandoned;

    internal ShardCall(int dimension) => _context = new float[dimension];

    /// <summary>What is asked.</summary>
    public ShardOperation Operation { get; private set; }

    /// <summary>N of a search, 1 to the items of the shard.</summary>
    public int N { get; private set; }

    /// <summary>Where a search's context x [L] stands; a sum's answer goes there.</summary>
    public Span<float> Context => _context;

    /// <summary>Items: those that a search leaves out, those to sum, or those whose ids are asked for.</summary>
    public ReadOnlySpan<int> Items => _items.AsSpan(0, _itemCount);

    /// <summary>Ids to find, null for one that is longer than any has (<see cref="Policy.ItemIdTable.LongestId"/>); where ids are asked for, their place [as many as items].</summary>
    public string?[] Ids { get; private set; } = [];

    /// <summary>Receives the items found [N], best first, or the numbers of ids [as many], −1 for those unknown.</summary>
    public Span<int> FoundItems => _found.AsSpan(0, N);

    /// <summary>Receives the scores of a search [N].</summary>
    public Span<float> FoundScores => _scores.AsSpan(0, N);

    /// <summary>Whether somebody still waits for the answer: one that is not wanted need not be made, but the call must be
    /// ended.</summary>
    public bool IsWanted => !_isAbandoned && Stopwatch.GetTimestamp() < Deadline;

    /// <summary>When it ends to be wanted, in ticks of <see cref="Stopwatch"/>.</summary>
    public long Deadline { get; private set; }

    /// <summary>How many items were found; the answer is then read from the spans.</summary>
    internal int Found { get; private set; }

    /// <summary>Why there is no answer; null where there is one.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>What the client that waits for its answer knows it by.</summary>
    internal long Number { get; set; }

    /// <summary>What the front calls it that asked over a connection. Apart from <see cref="Number"/>: a server may hand its questions
    /// to a client of the next one.</summary>
    internal long AskedAs { get; set; }

    /// <summary>Whether its caller has seen its end.</summary>
    internal bool HasEnded { get; set; }

    /// <summary>Whether its caller has gone on without it.</summary>
    internal bool IsAbandoned
    {
        get => _isAbandoned;
        set => _isAbandoned = value;
    }

    /// <summary>Ends the call with the answer that has been written.</summary>
    /// <param name="found">Items found by a search, 0 to N; of no meaning for others.</param>
    /// <exception cref="InvalidOperationException">It has ended already.</exception>
    public void Complete(int found) => End(found, null);

    /// <summary>Ends the call without an answer: an <see cref="ArgumentException"/> is a mistake of the question and is thrown to the asker, anything
    /// else leaves the shard out of the answer.</summary>
    /// <exception cref="InvalidOperationException">It has ended already.</exception>
    public void Fail(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        End(0, failure);
    }

    /// <summary>Ends a call that came too late to be worth an answer.</summary>
    public void FailAsTooLate() => End(0, TooLate);

    /// <summary>Begins to ask; what is asked about follows.</summary>
    internal void Begin(IShardCaller caller, ShardOperation operation, int n, long deadline)
    {
        (_caller, Operation, N, Deadline, Found, Failure, Number, AskedAs) = (caller, operation, n, deadline, 0, null, 0, 0);
        (_itemCount, Ids, HasEnded, _isAbandoned) = (0, [], false, false);
        if (_found.Length < n)
            (_found, _scores) = (new int[Math.Max(n, 2 * _found.Length)], new float[Math.Max(n, 2 * _found.Length)]);
        Volatile.Write(ref _isOpen, 1);
    }

    /// <summary>Names one more item.</summary>
    internal void Add(int item)
    {
        if (_itemCount == _items.Length)
            Array.Resize(ref _items, Math.Max(16, 2 * _items.Length));
        _items[_itemCount++] = item;
    }

    /// <summary>Room for the numbers of so many items.</summary>
    internal Span<int> SetItems(int count)
    {
        if (_items.Length < count)
            _items = new int[Math.Max(count, 2 * _items.Length)];
        _itemCount = count;
        return _items.AsSpan(0, count);
    }

    /// <summary>Names ids.</summary>
    internal void SetIds(string?[] ids) => Ids = ids;

    private void End(int found, Exception? failure)
    {
        if (Interlocked.Exchange(ref _isOpen, 0) == 0)
            throw new InvalidOperationException("The call has ended already.");
        if (failure is null && Operation == ShardOperation.Search && (uint)found > (uint)N)
            failure = new InvalidDataException($"0 to {N} items expected, the shard says it found {found}.");
        (Found, Failure) = (found, failure);
        _caller!.Ended(this);
    }
}
