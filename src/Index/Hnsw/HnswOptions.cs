namespace KernelPolicy.Index;

/// <summary>How an HNSW graph is built and searched. Checked on construction.</summary>
/// <remarks>
/// More links and a wider construction cost build time and memory and win recall; a wider search costs queries per
/// second. Memory beside the items is about 8·M bytes an item, rounded up to 64.
/// </remarks>
public sealed record HnswOptions
{
    /// <summary>Most links an item may be given: keeps a row of links within 4 KiB.</summary>
    public const int LargestM = 512;

    /// <summary>Widest list of candidates.</summary>
    public const int LargestEf = 1 << 20;

    /// <summary>Most items from which searches may start.</summary>
    public const int LargestStarts = 1 << 16;

    private readonly int _m = 32;
    private readonly int _efConstruction = 100;
    private readonly int _efSearch = 64;
    private readonly int _longestAsStarts = 1 << 14;
    private readonly int _innerProductLinks = 16;
    private readonly HnswMetric _metric = HnswMetric.Automatic;
    private readonly HnswTraversal _traversal = HnswTraversal.Codes;

    /// <summary>Links an item is given on insertion, and the most it keeps on the upper layers; layer 0 keeps twice as
    /// many.</summary>
    /// <value>2 to 512; default 32. 12 to 48 suits most catalogues.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int M
    {
        get => _m;
        init => _m = Checked(value, 2, LargestM, nameof(M));
    }

    /// <summary>Candidates kept while searching for the neighbours of a new item; at least M are.</summary>
    /// <value>1 to 1,048,576; default 100.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int EfConstruction
    {
        get => _efConstruction;
        init => _efConstruction = Checked(value, 1, LargestEf, nameof(EfConstruction));
    }

    /// <summary>Candidates kept while searching; a search for the top K keeps at least K.</summary>
    /// <value>1 to 1,048,576; default 64.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int EfSearch
    {
        get => _efSearch;
        init => _efSearch = Checked(value, 1, LargestEf, nameof(EfSearch));
    }

    /// <summary>
    /// Most of the longest items from which searches start beside the node that they come down to. A search takes 16 for
    /// each candidate that it keeps, up to a 32nd of the catalogue.
    /// </summary>
    /// <remarks>Where norms vary, the longest items hold most of the answers and lie far from everything, so that a walk by
    /// distance comes late to them. Looking at them first costs less than the wider search that replaces it: they are
    /// scored in one sweep, and their rows stay in the processor's cache.</remarks>
    /// <value>0 to 65,536; default 16,384.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int LongestAsStarts
    {
        get => _longestAsStarts;
        init => _longestAsStarts = Checked(value, 0, LargestStarts, nameof(LongestAsStarts));
    }

    /// <summary>Links to the items of largest inner product with it that an item is given beside those by distance, on layer
    /// 0, where it has room: they shorten the way up to the long items. Without meaning where the metric is the inner product
    /// itself.</summary>
    /// <value>0 to 512; default 16.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int InnerProductLinks
    {
        get => _innerProductLinks;
        init => _innerProductLinks = Checked(value, 0, LargestM, nameof(InnerProductLinks));
    }

    /// <summary>What the graph is walked by.</summary>
    /// <value>Default <see cref="HnswTraversal.Codes"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one of them.</exception>
    public HnswTraversal Traversal
    {
        get => _traversal;
        init => _traversal = Known(value, nameof(Traversal));
    }

    /// <summary>Seed of the levels and of the order of insertion.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What the links are chosen by.</summary>
    /// <value>Default <see cref="HnswMetric.Automatic"/>; an index that has been built names the one that was chosen.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one of the metrics.</exception>
    public HnswMetric Metric
    {
        get => _metric;
        init => _metric = Known(value, nameof(Metric));
    }

    private static T Known<T>(T value, string name)
        where T : struct, Enum => Enum.IsDefined(value)
        ? value
        : throw new ArgumentOutOfRangeException(
            name, value, $"{name} is {value}; it must be one of {string.Join(", ", Enum.GetNames<T>())}.");

    private static int Checked(int value, int low, int high, string name) =>
        value >= low && value <= high
            ? value
            : throw new ArgumentOutOfRangeException(
                name, value, $"{name} is {value}; it must be {low} to {high}.");
}
