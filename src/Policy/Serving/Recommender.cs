using System.Numerics.Tensors;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Recommends: the N items with the largest π(a|x), that is the largest h·β_a, h = xΘ + b, found by the index in some tens of
/// microseconds.
/// </summary>
/// <remarks>
/// <para>Thread safety: any number of threads may recommend at once, while others add, ban and remove items; no request takes a
/// lock. Disposing while requests run lets them end, and the last of them frees the memory.</para>
/// <para>Memory: a request allocates nothing after warm-up, that is once as many requests as run at the same time have run at
/// the same time, with their largest N and lists. An addition starts the warm-up of the search anew.</para>
/// <para>Determinism: the same request gives the same items and scores on one vector width, so long as the items are the
/// same.</para>
/// <para>Cost: h takes L² multiplications, the search about efSearch rows of β.</para>
/// <para>Metrics: see <see cref="ServingMeter"/>; a request that nobody measures looks at three flags and takes no time stamp.</para>
/// </remarks>
public sealed partial class Recommender : IDisposable
{
    private readonly Lifetime _lifetime;
    private readonly LiveIndex _index;
    private readonly QueryProjection _projection;
    private readonly ServedItemIds _ids;
    private readonly SlotPool<RecommenderScratch> _scratch;
    private readonly RecallMonitor? _monitor;
    private readonly QuerySampler? _sampler;

    /// <summary>Recommends by a bundle.</summary>
    /// <param name="bundle">The bundle; taken over where <paramref name="ownsBundle"/>, else it must outlive the
    /// recommender.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <param name="ownsBundle">Whether the bundle is disposed with the recommender.</param>
    /// <exception cref="ArgumentOutOfRangeException">EfSearch is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The options have a monitor, and the bundle holds <see cref="BundleItems.Codes"/>
    /// alone, with which no search can be compared.</exception>
    /// <exception cref="ObjectDisposedException">The bundle or the monitor is disposed; the bundle stays the caller's.</exception>
    public Recommender(ServingBundle bundle, RecommenderOptions? options = null, bool ownsBundle = true)
        : this(
            (bundle ?? throw new ArgumentNullException(nameof(bundle))).Query, bundle.Index, new ServedItemIds(bundle.Ids), bundle.Facts,
            options, ownsBundle ? bundle : null)
    {
    }

    /// <summary>Recommends by a policy and an index at hand, which must both outlive the recommender.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="index">An index over the policy's items.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <exception cref="ArgumentException">The index is over other items.</exception>
    public Recommender(SoftmaxPolicy policy, HnswIndex index, RecommenderOptions? options = null)
        : this(
            (policy ?? throw new ArgumentNullException(nameof(policy))).Query, Checked(index, policy), new ServedItemIds(policy),
            policy.Facts, options, null)
    {
    }

    private Recommender(
        QueryMap query, HnswIndex index, ServedItemIds ids, IReadOnlyDictionary<string, string> facts, RecommenderOptions? options,
        IDisposable? owned)
    {
        if (options?.Monitor is not null)
            index.Items.RequireValues();
        using HnswIndex wanted = index.WithEfSearch(options?.EfSearch ?? index.Options.EfSearch);
        _monitor = options?.Monitor;

        // Before anything takes a share of the graph: a monitor that is disposed makes none.
        _sampler = _monitor?.MakeSampler(query.Theta.Columns);
        _index = new LiveIndex(wanted);
        _projection = new QueryProjection(query);
        _ids = ids;
        _scratch = new SlotPool<RecommenderScratch>(() => new RecommenderScratch(Dimension), scratch => scratch.Dispose());
        _lifetime = new Lifetime([.. ((IDisposable?[])[_sampler, _index, _scratch, owned]).OfType<IDisposable>()]);
        Facts = facts;
        if (_sampler is not null)
            _monitor!.Watch(this, _sampler);
    }

    /// <summary>L: how many numbers a context has.</summary>
    public int Dimension => _projection.Dimension;

    /// <summary>P: items so far, those that are banned or removed included.</summary>
    public int ItemCount => _index.Count;

    /// <summary>How many of them may be recommended.</summary>
    public int AvailableCount => _index.CountAvailable;

    /// <summary>How the policy came to be.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; }

    /// <summary>Opens a bundle and recommends by it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <inheritdoc cref="ServingBundle.Open" path="/exception"/>
    public static Recommender Open(string path, RecommenderOptions? options = null)
    {
        options ??= new RecommenderOptions();
        if (!Enum.IsDefined(options.Verification))
            throw new ArgumentOutOfRangeException(nameof(options), options.Verification, "Verification must be Full or Sizes.");
        ServingBundle bundle = ServingBundle.Open(path, options.Verification);
        try
        {
            return new Recommender(bundle, options);
        }
        catch
        {
            bundle.Dispose();
            throw;
        }
    }

    /// <summary>The id of an item, as a new string where it comes from a bundle.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public string IdOf(int item)
    {
        using SharedUse use = Enter();
        return _ids[item];
    }

    /// <summary>Finds an item by its id.</summary>
    /// <returns>Whether there is one; one that is banned or removed still has its number.</returns>
    public bool TryFind(ReadOnlySpan<char> id, out int item)
    {
        using SharedUse use = Enter();
        return _ids.TryFind(id, out item);
    }

    /// <summary>Recommends to a context.</summary>
    /// <param name="context">x [L], every number finite.</param>
    /// <param name="items">Receives the items, best first; its length is N, 1 to P.</param>
    /// <param name="scores">Receives their scores h·β_a [≥ N].</param>
    /// <param name="scope">Which items may be recommended.</param>
    /// <returns>Items found: N, or all that the scope allows where they are fewer.</returns>
    /// <exception cref="ArgumentException">A shape does not fit, a number or a score is not finite, or an item that is left out is
    /// none of the catalogue's.</exception>
    /// <exception cref="ObjectDisposedException">The recommender is disposed.</exception>
    public int Recommend(ReadOnlySpan<float> context, Span<int> items, Span<float> scores, RecommendationScope scope = default)
    {
        long start = ServingMetrics.StartRecommendation();
        int found;
        try
        {
            using Request request = new(this);
            _projection.SetContext(context, request.Scratch);
            found = Search(request, items, scores, scope);
        }
        catch (Exception e) when (ServingMetrics.CountsError(e))
        {
            throw;
        }

        ServingMetrics.EndRecommendation(start);
        return found;
    }

    /// <summary>Recommends to a history: the context is the mean of β over its items (paper, section 5).</summary>
    /// <param name="history">Items, of which one that stands twice counts twice; where there are none, the context is
    /// zero.</param>
    /// <param name="items">Receives the items, best first; its length is N, 1 to P.</param>
    /// <param name="scores">Receives their scores h·β_a [≥ N].</param>
    /// <param name="scope">Which items may be recommended.</param>
    /// <returns>Items found: N, or all that the scope allows where they are fewer.</returns>
    /// <exception cref="ArgumentException">A shape does not fit, or an item is none of the catalogue's.</exception>
    /// <exception cref="ObjectDisposedException">The recommender is disposed.</exception>
    public int RecommendTo(ReadOnlySpan<int> history, Span<int> items, Span<float> scores, RecommendationScope scope = default)
    {
        long start = ServingMetrics.StartRecommendation();
        int found;
        try
        {
            using Request request = new(this);
            _projection.SetHistory(history, request.State.Catalogue.Index, request.Scratch);
            found = Search(request, items, scores, scope);
        }
        catch (Exception e) when (ServingMetrics.CountsError(e))
        {
            throw;
        }

        ServingMetrics.EndRecommendation(start);
        return found;
    }

    private int Search(in Request request, Span<int> items, Span<float> scores, RecommendationScope scope)
    {
        LiveState state = request.State;
        RecommenderScratch scratch = request.Scratch;
        CheckRoom(items, scores, state.Count);
        _projection.Project(scratch);
        if (scope.Excluded.IsEmpty)
            return SearchFinite(state, scratch, items, scores, scope);

        CheckExcluded(scope, state.Count);
        int searched = (int)Math.Min(state.Count, (long)items.Length + scope.Excluded.Length);
        Span<int> found = scratch.Items(searched);
        Span<float> foundScores = scratch.Scores(searched);
        int count = SearchFinite(state, scratch, found, foundScores, scope), kept = 0;
        ItemLookup excluded = scratch.Excluded(scope.Excluded);
        for (int i = 0; i < count && kept < items.Length; i++)
        {
            if (excluded.Find(found[i]) >= 0)
                continue;
            (items[kept], scores[kept]) = (found[i], foundScores[i]);
            kept++;
        }

        return kept;
    }

    /// <summary>Searches for the query of the scratch, and has it sampled.</summary>
    /// <exception cref="ArgumentException">A score is not finite.</exception>
    private int SearchFinite(LiveState state, RecommenderScratch scratch, Span<int> items, Span<float> scores, RecommendationScope scope)
    {
        ReadOnlySpan<float> h = scratch.Query.Row(0);
        if (_sampler is { } sampler && ++scratch.SinceSampled >= sampler.Every)
        {
            scratch.SinceSampled = 0;
            sampler.Offer(h);
        }

        int found = ServingMetrics.Search(state, h, items, scores, scope.Allowed);
        if (found > 0 && !TensorPrimitives.IsFiniteAll<float>(scores[..found]))
            throw new ArgumentException($"A score h·β is not finite: h has numbers of up to {Math.Abs(TensorPrimitives.MaxMagnitude(h))}; the context is too large.");
        return found;
    }

    private static HnswIndex Checked(HnswIndex index, SoftmaxPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(index);
        return ReferenceEquals(policy.Items, index.Items)
            ? index
            : throw new ArgumentException("The index is over other items than the policy's.", nameof(index));
    }

    private static void CheckExcluded(RecommendationScope scope, int count)
    {
        foreach (int item in scope.Excluded)
        {
            if ((uint)item >= (uint)count)
                throw new ArgumentException($"Item {item} is to be left out; items are 0 to {count - 1}.", nameof(scope));
        }
    }

    private static void CheckRoom(Span<int> items, Span<float> scores, int count)
    {
        if (items.Length < 1 || items.Length > count)
            throw new ArgumentException($"There is room for {items.Length} items; it must be for 1 to the {count} of the catalogue.", nameof(items));
        if (scores.Length < items.Length)
            throw new ArgumentException($"There is room for {items.Length} items but for {scores.Length} scores.", nameof(scores));
    }
}
