using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <content>Slates that explore, with the propensities to log beside them.</content>
public sealed partial class Recommender
{
    /// <summary>Serves a context a slate drawn by a rule of exploration, with propensities for the log.</summary>
    /// <remarks>
    /// <para>Softmax: a draw without replacement from π(a|x) ∝ e^{f_a/T} over all items that are available, allowed and not left out.
    /// Exact if the index missed none of them by more than the gap (<see cref="Explorer"/>, <see cref="LazyGumbel"/>); the report
    /// counts the misses that were seen.</para>
    /// <para>Determinism: the slate is a function of (seed, request), context, options, scope and catalogue, on one vector width.</para>
    /// <para>Memory: allocates nothing after warm-up, so long as no more than four different options are in use at a time.</para>
    /// </remarks>
    /// <param name="context">x [L], every number finite.</param>
    /// <param name="slate">Receives the items, first place first; its length is N, 1 to P.</param>
    /// <param name="options">The rule, and the seed.</param>
    /// <param name="request">The request's number, 0 to 2^56 − 1; requests of the same number share their noise.</param>
    /// <param name="scope">Which items may be served.</param>
    /// <returns>What was done; its count is N, or all that the scope allows where they are fewer.</returns>
    /// <exception cref="ArgumentException">A shape does not fit, a number is not finite or too large, an option or the request's number
    /// is out of range, or an item that is left out is none of the catalogue's.</exception>
    /// <exception cref="InvalidOperationException">The rule explores, and the bundle holds <see cref="BundleItems.Codes"/>
    /// alone.</exception>
    /// <exception cref="ObjectDisposedException">The recommender is disposed.</exception>
    public ExplorationReport Explore(
        ReadOnlySpan<float> context, Span<ExploredItem> slate, ExplorationOptions options, ulong request,
        RecommendationScope scope = default)
    {
        long start = ServingMetrics.StartRecommendation();
        ExplorationReport report;
        try
        {
            using Request held = new(this);
            _projection.SetContext(context, held.Scratch);
            report = Draw(held, slate, options, request, scope);
        }
        catch (Exception e) when (ServingMetrics.CountsError(e))
        {
            throw;
        }

        ServingMetrics.EndRecommendation(start);
        return report;
    }

    /// <summary>Serves a history as <see cref="Explore"/> serves a context: that of the mean of β over its items.</summary>
    /// <param name="history">Items, of which one that stands twice counts twice; where there are none, the context is zero and
    /// a softmax uniform but for b.</param>
    /// <param name="slate">Receives the items, first place first; its length is N, 1 to P.</param>
    /// <param name="options">The rule, and the seed.</param>
    /// <param name="request">The request's number, 0 to 2^56 − 1; requests of the same number share their noise.</param>
    /// <param name="scope">Which items may be served; those of the history are not left out by themselves.</param>
    /// <inheritdoc cref="Explore" path="/returns|/exception"/>
    public ExplorationReport ExploreFor(
        ReadOnlySpan<int> history, Span<ExploredItem> slate, ExplorationOptions options, ulong request,
        RecommendationScope scope = default)
    {
        long start = ServingMetrics.StartRecommendation();
        ExplorationReport report;
        try
        {
            using Request held = new(this);
            _projection.SetHistory(history, held.State.Catalogue.Index, held.Scratch);
            report = Draw(held, slate, options, request, scope);
        }
        catch (Exception e) when (ServingMetrics.CountsError(e))
        {
            throw;
        }

        ServingMetrics.EndRecommendation(start);
        return report;
    }

    private ExplorationReport Draw(
        in Request held, Span<ExploredItem> slate, ExplorationOptions options, ulong request, RecommendationScope scope)
    {
        (LiveState state, RecommenderScratch scratch) = (held.State, held.Scratch);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (slate.IsEmpty || slate.Length > state.Count)
            throw new ArgumentException($"The slate has {slate.Length} places; it must have 1 to the {state.Count} of the catalogue.", nameof(slate));
        if (request > ExplorationDraws.LargestRequest)
            throw new ArgumentOutOfRangeException(nameof(request), request, $"A request's number must lie in 0 to {ExplorationDraws.LargestRequest}.");
        CheckExcluded(scope, state.Count);
        if (options.Kind != ExplorationKind.None)
            state.Catalogue.Items.RequireValues();
        _projection.Project(scratch);

        AllowedItems allowed = new(state.Count, state.Available, scope.Allowed);
        int searched = HeadItems(options, slate.Length, scope.Excluded.Length, state.Count);
        Span<int> found = scratch.Items(searched)[..searched];
        Span<float> scores = scratch.Scores(searched)[..searched];
        int count = SearchFinite(state, scratch, found, scores, scope);
        if (count == 0)
            return default;
        Explorer explorer = scratch.Explorers.For(state.Catalogue.Items, options, searched, slate.Length, scope.Excluded.Length);
        return explorer.Explore(scratch.Query.PaddedRow(0), found[..count], scores[..count], scope.Excluded, allowed, (long)request, slate);
    }

    /// <summary>K: what balances head and tail for a softmax, else no more than the slate needs.</summary>
    private static int HeadItems(ExplorationOptions options, int places, int excluded, int items)
    {
        double balanced = Math.Ceiling(Math.Sqrt((double)places * items));
        double head = options.Kind == ExplorationKind.Softmax ? options.HeadItems ?? balanced : places;
        return (int)Math.Min(items, Math.Max(head, places) + excluded);
    }
}
