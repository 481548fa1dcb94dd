using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The memory of one request at a time: made once, lent out again and again.</summary>
internal sealed unsafe class RecommenderScratch(int dimension) : IDisposable
{
    private readonly Matrix _context = new(1, dimension);
    private readonly Matrix _query = new(1, dimension);
    private int[] _items = [];
    private float[] _scores = [];
    private ItemLookup? _excluded;
    private RecentExplorers? _explorers;

    /// <summary>x, padded [L].</summary>
    public Matrix Context => _context;

    /// <summary>h, padded [L].</summary>
    public Matrix Query => _query;

    /// <summary>What explores.</summary>
    public RecentExplorers Explorers => _explorers ??= new RecentExplorers();

    /// <summary>Requests since one was sampled.</summary>
    public int SinceSampled { get; set; }

    /// <summary>Room for n items that were found.</summary>
    public Span<int> Items(int n)
    {
        if (_items.Length < n)
            _items = new int[Math.Max(n, 2 * _items.Length)];
        return _items.AsSpan(0, n);
    }

    /// <summary>Room for their scores.</summary>
    public Span<float> Scores(int n)
    {
        if (_scores.Length < n)
            _scores = new float[Math.Max(n, 2 * _scores.Length)];
        return _scores.AsSpan(0, n);
    }

    /// <summary>Tells the items of a list from others.</summary>
    public ItemLookup Excluded(ReadOnlySpan<int> items)
    {
        if (_excluded is null || _excluded.Capacity < items.Length)
            _excluded = new ItemLookup(Math.Max(64, 2 * items.Length));
        _excluded.Set(items);
        return _excluded;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        _query.Dispose();
    }
}
