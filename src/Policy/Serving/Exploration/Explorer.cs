using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Chooses what to serve from retrieved items by the rule of <see cref="ExplorationOptions"/>, and says with what propensity.
/// </summary>
/// <remarks>
/// <para>Softmax: an exact draw without replacement from π(a|x) ∝ e^{f_a/T} over all items that may be shown, not only the retrieved
/// ones, if no other item scores above the least retrieved score + gap (<see cref="LazyGumbel"/>); propensities by an unbiased Ẑ from
/// draws of its own (<see cref="PartitionEstimate"/>). Retrieve about √(N·P) items. ε-greedy and no exploration: exact
/// propensities.</para>
/// <para>Determinism: a slate is a function of (seed, request), the input and the vector width. Two requests of the same number share
/// their noise.</para>
/// <para>Thread safety: not thread-safe, holds no lock; one a worker. Allocates nothing after construction, but for longer lists of
/// excluded items than any before. Does not own β.</para>
/// </remarks>
public sealed unsafe class Explorer
{
    private readonly Matrix _items;
    private readonly ExplorationOptions _options;
    private readonly int _headCapacity;
    private readonly int _slateCapacity;
    private readonly CandidateHead _head;
    private readonly SoftmaxSlate? _softmax;
    private readonly EpsilonGreedySlate? _greedy;

    /// <summary>Makes room.</summary>
    /// <param name="items">β [P, L], 1 to 2^31 − 1 items.</param>
    /// <param name="options">The rule, and the seed of all requests.</param>
    /// <param name="headCapacity">The most items that are retrieved, at least 1.</param>
    /// <param name="slateCapacity">The most places of a slate, at least 1.</param>
    /// <param name="excludedCapacity">Excluded items that there is room for from the start.</param>
    /// <exception cref="ArgumentException">An option or a capacity is out of range.</exception>
    public Explorer(Matrix items, ExplorationOptions options, int headCapacity, int slateCapacity, int excludedCapacity = 0)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (items.Rows is < 1 or > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(items), items.Rows, $"The catalogue must have 1 to {int.MaxValue} items.");
        ArgumentOutOfRangeException.ThrowIfLessThan(slateCapacity, 1);
        (_items, _options, _headCapacity, _slateCapacity) = (items, options, headCapacity, slateCapacity);
        _head = new CandidateHead(headCapacity, excludedCapacity, slateCapacity);
        if (options.Kind == ExplorationKind.Softmax)
            _softmax = new SoftmaxSlate(items, options, headCapacity, slateCapacity);
        else
            _greedy = new EpsilonGreedySlate(items, options.Kind == ExplorationKind.None ? 0 : options.Epsilon, headCapacity);
    }

    /// <summary>Fills a slate.</summary>
    /// <param name="h">h with its padding [stride], the padding zero.</param>
    /// <param name="retrieved">What an index found [K], best first, K at least 1, none twice. Items that may not be shown are
    /// dropped here.</param>
    /// <param name="scores">Their scores f [K], finite.</param>
    /// <param name="excluded">Items that may not be shown, in any order.</param>
    /// <param name="filter">Which items may be shown; all where null.</param>
    /// <param name="request">The request's number, 0 to 2^56 − 1.</param>
    /// <param name="slate">Receives items, first place first; 1 to the capacity.</param>
    /// <exception cref="ArgumentException">A length, an item or the request's number is out of range; the filter is over another
    /// number of items; or, unless a softmax is drawn, the head has fewer items that may be shown than the slate has
    /// places.</exception>
    public ExplorationReport Explore(
        ReadOnlySpan<float> h, ReadOnlySpan<int> retrieved, ReadOnlySpan<float> scores, ReadOnlySpan<int> excluded, ItemFilter? filter,
        long request, Span<ExploredItem> slate)
    {
        if (h.Length != _items.Stride)
            throw new ArgumentException($"h has {h.Length} numbers; with its padding it must have {_items.Stride}.", nameof(h));
        if (slate.IsEmpty || slate.Length > _slateCapacity)
            throw new ArgumentException($"The slate has {slate.Length} places; it must have 1 to {_slateCapacity}.", nameof(slate));
        if (request is < 0 or > ExplorationDraws.LargestRequest)
            throw new ArgumentOutOfRangeException(nameof(request), request, $"A request's number must lie in 0 to {ExplorationDraws.LargestRequest}.");
        AllowedItems.Check(filter, _items.Rows);
        return Explore(h, retrieved, scores, excluded, new AllowedItems((int)_items.Rows, filter), request, slate);
    }

    /// <summary>Whether it is the explorer of these items and options, with room for so much.</summary>
    internal bool Fits(Matrix items, ExplorationOptions options, int head, int slate) =>
        IsFor(items, options) && head <= _headCapacity && slate <= _slateCapacity;

    /// <summary>Whether it is the explorer of these items and options.</summary>
    internal bool IsFor(Matrix items, ExplorationOptions options) => ReferenceEquals(items, _items) && options == _options;

    /// <summary>As the public one, of which the arguments have been checked.</summary>
    internal ExplorationReport Explore(
        ReadOnlySpan<float> h, ReadOnlySpan<int> retrieved, ReadOnlySpan<float> scores, ReadOnlySpan<int> excluded,
        in AllowedItems allowed, long request, Span<ExploredItem> slate) => allowed.IsAll
            ? Fill(h, retrieved, scores, excluded, new AllItems((int)_items.Rows), request, slate)
            : Fill(h, retrieved, scores, excluded, new FilteredItems(allowed), request, slate);

    private ExplorationReport Fill<TSet>(
        ReadOnlySpan<float> h, ReadOnlySpan<int> retrieved, ReadOnlySpan<float> scores, ReadOnlySpan<int> excluded, TSet allowed,
        long request, Span<ExploredItem> slate)
        where TSet : struct, IItemSet
    {
        _head.Set(retrieved, scores, 1 / _options.Temperature, allowed, excluded);
        ExplorationDraws draws = new(_options.Seed, request);
        fixed (float* query = h)
        {
            return _softmax is not null
                ? _softmax.Fill(query, allowed, _head, draws, slate)
                : _greedy!.Fill(query, allowed, _head, draws, slate);
        }
    }
}
