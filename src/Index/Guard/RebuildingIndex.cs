using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// A graph over items that move: it is built on a copy of β and asked for somewhat more than K, and what it finds is scored
/// again on β as it is. Where a check finds its recall below a bound, it is built anew.
/// </summary>
/// <remarks>
/// <para>Scores and their order are always those of the live β; what goes stale is which items are found. An estimator that sums
/// the rest by draws (strata) stays unbiased by that.</para>
/// <para>Cost: a second copy of β, a build for each rebuild, and max(16, K/4) items more a query. A new graph is guarded as
/// <see cref="GuardedIndex"/> guards: where even it finds too little it is searched more widely, or every item is scanned.</para>
/// <para>Determinism: the graph is a function of β at its last build, the options and the seed; what a check does depends on recall
/// alone. Thread safety: searches and checks take turns; β may not change meanwhile. A search allocates nothing once as large a
/// one was made.</para>
/// </remarks>
public sealed unsafe class RebuildingIndex : ICheckedIndex
{
    private const int LeastSurplus = 16;
    private const int KOverSurplus = 4;

    private readonly Lock _turn = new();
    private readonly HnswOptions _options;
    private readonly WorkerTeam _team;
    private readonly double _largestShare;
    private readonly ExactIndex _exact;
    private readonly Matrix _built;
    private readonly Rescoring _rescoring;
    private readonly string _description;
    private readonly GuardAudit _audit = new();
    private GuardedIndex _guard;
    private TopK? _found;

    /// <summary>Builds a graph over a copy of the items.</summary>
    /// <param name="items">β [P, L], which may change between searches; it stays the caller's.</param>
    /// <param name="options">How to build and search; the defaults where null.</param>
    /// <param name="team">Threads to build with, also later.</param>
    /// <param name="largestShare">The largest share of the catalogue that a search of the graph may score, as in
    /// <see cref="GuardedIndex"/>.</param>
    /// <exception cref="ArgumentException">There are no items, or an option is out of range.</exception>
    public RebuildingIndex(Matrix items, HnswOptions? options, WorkerTeam team, double largestShare = GuardedIndex.DefaultLargestShare)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(team);
        (Items, _options, _team, _largestShare) = (items, options ?? new HnswOptions(), team, largestShare);
        _exact = new ExactIndex(items);
        _built = new Matrix(items.Rows, items.Columns);
        _built.CopyFrom(items);
        _rescoring = new Rescoring(items, team.Threads);
        _guard = Build();
        _description = $"rebuilding/{_guard.Description}";
    }

    /// <inheritdoc/>
    public string Kind => _guard.Kind;

    /// <inheritdoc/>
    public string Description => _description;

    /// <inheritdoc/>
    public Matrix Items { get; }

    /// <summary>Bytes of the graph and of the copy of β.</summary>
    public long Bytes => _guard.Bytes + _built.Bytes;

    /// <summary>β of the last build [P, L]: what must be kept to go on elsewhere with the same graph.</summary>
    public Matrix BuiltItems => _built;

    /// <summary>How often the graph was built anew since it was made or reset.</summary>
    public int Rebuilds { get; private set; }

    /// <inheritdoc/>
    public GuardState State => _guard.State;

    /// <inheritdoc/>
    public void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(team);
        result.Check(Items, queries, count, k);
        lock (_turn)
        {
            if (_guard.State.IsExact)
            {
                _exact.Search(queries, count, k, result, team, filter);
                return;
            }

            int asked = (int)Math.Min(Items.Rows, (long)k + Math.Max(LeastSurplus, k / KOverSurplus));
            if (_found is null || _found.Queries < count || _found.Capacity < asked)
                _found = new TopK(Math.Max(count, _found?.Queries ?? 1), Math.Max(asked, _found?.Capacity ?? 1));
            _guard.Search(queries, count, asked, _found, team, filter);
            _rescoring.Run(queries, count, k, _found, result, team);
        }
    }

    /// <summary>Measures recall against the exact scan of β as it is. Below the bound the graph is built anew, unless β has not
    /// moved since it was; where that does not do, it is searched more widely, or every item is scanned.</summary>
    /// <inheritdoc/>
    public RecallCheck Check(Matrix queries, int count, int k, double bound, WorkerTeam team)
    {
        GuardAudit.Require(Items, queries, count, k, bound, team);
        lock (_turn)
        {
            GuardState state = _guard.State;
            if (state.IsExact)
                return _guard.Check(queries, count, k, bound, team);
            RecallResult before = _audit.For(count, k).Measure(this, _exact, queries, count, k, team);
            int ef = Math.Max(state.EfSearch, k);
            if (bound == 0 || before.MassRecall >= bound)
            {
                GuardAction action = bound == 0 ? GuardAction.Measured : GuardAction.Kept;
                return new RecallCheck(action, ef, before, ef, before.MassRecall, ef, before);
            }

            bool isStale = IsStale();
            if (isStale)
                Rebuild();
            RecallCheck anew = _guard.Check(queries, count, k, bound, team);
            return anew with
            {
                Action = isStale && anew.Action == GuardAction.Kept ? GuardAction.Rebuilt : anew.Action,
                EfBefore = ef,
                Before = before,
            };
        }
    }

    /// <summary>Searches from now on as one that is made of β as it is.</summary>
    public void Reset()
    {
        lock (_turn)
        {
            if (IsStale())
                Rebuild();
            _guard.Reset();
            Rebuilds = 0;
        }
    }

    /// <inheritdoc/>
    public void Restore(GuardState state)
    {
        lock (_turn)
            _guard.Restore(state);
    }

    /// <summary>Builds the graph that another had.</summary>
    /// <param name="builtItems">The other's <see cref="BuiltItems"/>; copied.</param>
    /// <param name="rebuilds">The other's <see cref="Rebuilds"/>.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public void RestoreBuild(Matrix builtItems, int rebuilds)
    {
        ArgumentNullException.ThrowIfNull(builtItems);
        ArgumentOutOfRangeException.ThrowIfNegative(rebuilds);
        lock (_turn)
        {
            _built.CopyFrom(builtItems);
            Replace();
            Rebuilds = rebuilds;
        }
    }

    /// <summary>Builds the graph anew on β as it is, searched as widely as before.</summary>
    public void Rebuild()
    {
        lock (_turn)
        {
            _built.CopyFrom(Items);
            Replace();
            Rebuilds++;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _guard.Dispose();
        _exact.Dispose();
        _built.Dispose();
    }

    private void Replace()
    {
        GuardState state = _guard.State;
        GuardedIndex old = _guard;
        _guard = Build();
        _guard.Restore(state);
        old.Dispose();
    }

    private GuardedIndex Build()
    {
        using HnswIndex graph = HnswIndex.Build(_built, _options, _team);
        return new GuardedIndex(graph, _largestShare);
    }

    private bool IsStale()
    {
        for (long row = 0; row < Items.Rows; row++)
        {
            if (!Items.Row(row).SequenceEqual(_built.Row(row)))
                return true;
        }

        return false;
    }

    /// <summary>Scores what was found on β as it is, and keeps the best K.</summary>
    private sealed class Rescoring(Matrix items, int threads) : IParallelWork
    {
        private float[][] _scores = Make<float>(threads);
        private ulong[][] _keys = Make<ulong>(threads);
        private Matrix? _queries;
        private TopK? _found;
        private TopK? _result;
        private int _k;

        public void Run(Matrix queries, int count, int k, TopK found, TopK result, WorkerTeam team)
        {
            if (_scores.Length < team.Threads)
                (_scores, _keys) = (Make<float>(team.Threads), Make<ulong>(team.Threads));
            for (int worker = 0; worker < _scores.Length; worker++)
            {
                if (_scores[worker].Length < found.Capacity)
                    (_scores[worker], _keys[worker]) = (new float[found.Capacity], new ulong[found.Capacity]);
            }

            (_queries, _k, _found, _result) = (queries, k, found, result);
            team.Run(this, count);
            (_queries, _found, _result) = (null, null, null);
        }

        public void Execute(int index, int worker)
        {
            ReadOnlySpan<int> found = _found!.Items(index);
            Span<float> scores = _scores[worker].AsSpan(0, found.Length);
            Span<ulong> keys = _keys[worker].AsSpan(0, found.Length);
            RowScores.Gather(_queries!.RowPointer(index), items, found, scores);
            for (int i = 0; i < keys.Length; i++)
                keys[i] = ScoredItem.Key(scores[i], found[i]);
            _result!.Store(index, keys, _k);
        }

        private static T[][] Make<T>(int threads) => [.. Enumerable.Range(0, threads).Select(_ => Array.Empty<T>())];
    }
}
