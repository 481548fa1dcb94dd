namespace KernelPolicy.Index;

/// <summary>
/// Searches a graph for allowed items: walks it as if there were no filter, collects the best allowed nodes on the way, and
/// goes on until as many of them lie within its view as a search without a filter follows.
/// </summary>
/// <remarks>
/// <para>A walk that follows ef candidates has seen what is better than the last of them. It is as good for a filter as a
/// walk without one where about ef allowed ones are among those: so a share s of allowed items asks for ef / s. Where the
/// filter and the query have to do with each other, as a ban on what the user knows already, the share near the query is
/// another, which shows in the number found; then the walk is repeated, wider.</para>
/// <para>A walk scores about M nodes for each that it follows. Where that would be more than there are allowed items,
/// these are scored instead, which also ends every search that the graph serves badly.</para>
/// </remarks>
internal static unsafe class FilteredWalk
{
    private const double Surplus = 1.125;

    /// <summary>Of the candidates wanted within view, the share that will do: chance gives more or fewer.</summary>
    private const double Enough = 0.75;

    private const int MostWidening = 8;

    // Beyond the K-th, allowed nodes are kept to be scored exactly: the more, the deeper the ranks that the filter leads to,
    // where scores lie closer together than codes tell apart.
    private const int KOverSlack = 4;
    private const int FollowedOverSlack = 8;
    private const int LeastSlack = 16;

    /// <summary>The best allowed items, best first: K, or all where fewer are allowed.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="k">K.</param>
    /// <param name="ef">Candidates that a search without a filter follows.</param>
    /// <param name="allowed">What may be found.</param>
    /// <param name="scratch">Memory; the query is set.</param>
    public static Span<ulong> Find(HnswGraph graph, int k, int ef, in AllowedItems allowed, SearchScratch scratch)
    {
        k = Math.Min(k, allowed.Count);
        if (k == 0)
            return [];
        int wanted = Math.Max(ef, k);
        int widest = allowed.Count / graph.M;
        double breadth = Surplus * wanted * allowed.Items / allowed.Count;
        if (breadth <= widest)
        {
            QueryScorer scorer = new(graph.Vectors, scratch.Query);
            AllowedNodes filter = new(graph, allowed);
            int start = GraphWalk.Descend(graph, graph.Entry, graph.TopLayer, 1, scorer, scratch);
            while (breadth <= widest)
            {
                int followed = (int)breadth;
                int kept = Math.Max(wanted, k + Math.Max(Math.Max(k / KOverSlack, followed / FollowedOverSlack), LeastSlack));
                scratch.Allowed.Reset(kept, 0, GraphWalk.LargestBlock(graph.Ground.Capacity));
                GraphWalk.Search(
                    graph, 0, new([start, graph.Entry], HnswSearcher.Starts(graph, followed)), new(followed), scorer, filter, scratch);
                int within = Within(scratch, followed);
                if (within >= Math.Max(k, Enough * wanted))
                    return ExactAnswer.Of(graph, k, allowed, scratch);
                breadth = followed * Math.Clamp(Surplus * wanted / Math.Max(within, 1), 2, MostWidening);
            }
        }

        scratch.ScoredBeside += allowed.Count;
        return scratch.AllowedScan.Find(scratch.ItemScorer, scratch.Query.Values, allowed, k);
    }

    /// <summary>How many of the allowed nodes found are no worse than the last candidate that the walk followed.</summary>
    private static int Within(SearchScratch scratch, int followed)
    {
        ReadOnlySpan<ulong> candidates = scratch.Candidates.Entries;
        ReadOnlySpan<ulong> allowed = scratch.Allowed.Entries;

        // A list that is not full holds all that there is.
        if (candidates.Length < followed)
            return allowed.Length;
        ulong last = candidates[followed - 1] & ~Candidate.Followed;
        int count = 0;
        while (count < allowed.Length && allowed[count] >= last)
            count++;
        return count;
    }
}
