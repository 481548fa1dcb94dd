using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Keeps some queries h of one recommender's requests until they are audited: a ring of memory made once.</summary>
/// <remarks>
/// Any number of requests may offer, one reader take. Neither waits for another: a request that finds the next place not yet
/// emptied, or another request at it, drops its query. Queries are taken in the order in which they were kept.
/// </remarks>
internal sealed class QuerySampler : IDisposable
{
    /// <summary>Queries taken at once, at most.</summary>
    public const int AtOnce = 16;

    private const int Free = 0;
    private const int Writing = 1;
    private const int Full = 2;

    private readonly Action<QuerySampler> _ends;
    private readonly Matrix _ring;
    private readonly int[] _states;
    private long _next;
    private long _read;

    /// <param name="every">Every how manieth request offers.</param>
    /// <param name="capacity">Places.</param>
    /// <param name="dimension">L.</param>
    /// <param name="ends">Told when the recommender has ended.</param>
    public QuerySampler(int every, int capacity, int dimension, Action<QuerySampler> ends)
    {
        _ends = ends;
        Every = every;
        _ring = new Matrix(capacity, dimension);
        Taken = new Matrix(AtOnce, dimension);
        _states = new int[capacity];
    }

    /// <summary>n: requests count in their scratch, which no other request uses meanwhile, rather than in one place for all.</summary>
    public int Every { get; }

    /// <summary>The queries taken last [<see cref="AtOnce"/>, L]; the reader's.</summary>
    public Matrix Taken { get; }

    /// <summary>Keeps a query [L], where there is a place at once.</summary>
    public void Offer(ReadOnlySpan<float> query)
    {
        long next = Volatile.Read(ref _next);
        int place = (int)(next % _states.Length);
        if (Interlocked.CompareExchange(ref _states[place], Writing, Free) != Free)
            return;

        // Whoever holds the place of the next query, and nobody else, moves on. If another moved on before, this is not it.
        if (Volatile.Read(ref _next) != next)
        {
            Volatile.Write(ref _states[place], Free);
            return;
        }

        query.CopyTo(_ring.Row(place));
        Volatile.Write(ref _next, next + 1);
        Volatile.Write(ref _states[place], Full);
    }

    /// <summary>Moves queries that wait into <see cref="Taken"/>.</summary>
    /// <returns>How many.</returns>
    public int Take()
    {
        int count = 0;
        for (; count < AtOnce; count++, _read++)
        {
            int place = (int)(_read % _states.Length);
            if (Volatile.Read(ref _states[place]) != Full)
                break;
            _ring.Row(place).CopyTo(Taken.Row(count));
            Volatile.Write(ref _states[place], Free);
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ends(this);
        _ring.Dispose();
        Taken.Dispose();
    }
}
