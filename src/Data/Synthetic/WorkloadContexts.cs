using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Draws the contexts of a <see cref="SyntheticWorkload"/>: distinct items from a home cluster, with some from
/// anywhere, by Zipf rank, dealt out to X and Y.</summary>
internal sealed class WorkloadContexts : IParallelWork
{
    private const int ContextsPerPiece = 64;
    private const long ContextStep = 19;
    private const double HomeShare = 0.8;

    // A home cluster may be too small for the context: after so many repeats, draws come from anywhere and evenly.
    private const int PatiencePerItem = 8;

    private readonly WorkloadItems _items;
    private readonly int _historyLength;
    private readonly int _rewardedLength;
    private readonly ulong _seed;
    private readonly int _contexts;
    private readonly int[] _histories;
    private readonly int[] _rewarded;

    private WorkloadContexts(WorkloadItems items, int contexts, int historyLength, int rewardedLength, ulong seed)
    {
        _items = items;
        _contexts = contexts;
        _historyLength = historyLength;
        _rewardedLength = rewardedLength;
        _seed = seed;
        _histories = new int[checked(contexts * historyLength)];
        _rewarded = new int[checked(contexts * rewardedLength)];
    }

    public static (SparseRows Histories, SparseRows Rewarded) Draw(
        WorkloadItems items, int contexts, int historyLength, int rewardedLength, ulong seed, WorkerTeam team)
    {
        WorkloadContexts work = new(items, contexts, historyLength, rewardedLength, seed);
        team.Run(work, (contexts + ContextsPerPiece - 1) / ContextsPerPiece);
        return (new SparseRows(EvenOffsets(contexts, historyLength), work._histories),
            new SparseRows(EvenOffsets(contexts, rewardedLength), work._rewarded));
    }

    /// <inheritdoc/>
    public void Execute(int index, int worker)
    {
        HashSet<int> seen = [];
        int[] drawn = new int[_historyLength + _rewardedLength];
        int end = Math.Min((index + 1) * ContextsPerPiece, _contexts);
        for (int context = index * ContextsPerPiece; context < end; context++)
        {
            seen.Clear();
            DrawSequence draws = new(new RandomDraws(_seed, RandomPurpose.Synthetic, ContextStep, context));
            int home = Zipf(draws.Uniform(), _items.Clusters);
            for (int tries = 0; seen.Count < drawn.Length; tries++)
            {
                int item = DrawItem(ref draws, home, tries < PatiencePerItem * drawn.Length);
                if (item >= 0 && seen.Add(item))
                    drawn[seen.Count - 1] = item;
            }

            // Draws come in falling popularity once repeats are dropped; dealing at random keeps X and Y alike.
            new RandomDraws(_seed, RandomPurpose.Synthetic, ContextStep + 1, context).Shuffle(drawn);
            Span<int> history = _histories.AsSpan(context * _historyLength, _historyLength);
            Span<int> rewarded = _rewarded.AsSpan(context * _rewardedLength, _rewardedLength);
            drawn.AsSpan(0, _historyLength).CopyTo(history);
            drawn.AsSpan(_historyLength).CopyTo(rewarded);
            history.Sort();
            rewarded.Sort();
        }
    }

    private int DrawItem(ref DrawSequence draws, int home, bool byTaste)
    {
        bool atHome = draws.Uniform() < HomeShare;
        int cluster = byTaste && atHome ? home : draws.Below(_items.Clusters);
        int rank = byTaste ? Zipf(draws.Uniform(), _items.Ranks) : draws.Below(_items.Ranks);
        return _items.ItemAt(cluster, rank);
    }

    /// <summary>A number in [0, count) with probability in proportion to log((k + 2)/(k + 1)), which is Zipf's law with
    /// exponent 1 in closed form.</summary>
    private static int Zipf(double uniform, int count) =>
        Math.Min((int)Math.Exp(uniform * Math.Log(count + 1)) - 1, count - 1);

    private static long[] EvenOffsets(int rows, int length)
    {
        long[] offsets = new long[rows + 1];
        for (int row = 0; row <= rows; row++)
            offsets[row] = (long)row * length;
        return offsets;
    }
}
