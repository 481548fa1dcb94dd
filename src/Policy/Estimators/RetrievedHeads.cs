using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The retrieved part of the heads of a batch: by searching the index, or from earlier visits.</summary>
internal sealed class RetrievedHeads : IDisposable
{
    private readonly EstimatorSetting _setting;
    private readonly IMipsIndex _index;
    private readonly StrataOptions _options;
    private readonly TopK _found;
    private readonly HeadMemory? _memory;
    private readonly ItemLookup? _lookup;
    private readonly int _k;
    private AheadHeads? _ahead;
    private bool _areScored;

    /// <summary>Makes room for a batch, and for the heads of all contexts where they are reused.</summary>
    public RetrievedHeads(EstimatorSetting setting, StrataOptions options, IMipsIndex index)
    {
        (_setting, _options, _index) = (setting, options, index);
        _k = Math.Min(options.TopK, setting.Catalogue);
        _memory = options.Reuse == HeadReuse.None ? null : new HeadMemory(setting.Rewards.Count, _k);
        bool isUnion = options.Reuse == HeadReuse.Union;
        Capacity = Math.Min(isUnion ? 2 * _k : _k, setting.Catalogue);
        _found = new TopK(setting.BatchSize, Capacity);
        _lookup = isUnion ? new ItemLookup(Capacity) : null;
    }

    /// <summary>The most items that the heads may have.</summary>
    public int Capacity { get; }

    /// <summary>What is remembered; null where nothing is.</summary>
    public IEstimatorMemory? Memory => _memory;

    /// <summary>Whether the index was asked for this batch.</summary>
    public bool IsSearched { get; private set; }

    /// <summary>Seconds of index search in this batch.</summary>
    public double QuerySeconds { get; private set; }

    /// <summary>The items retrieved for a context of the batch.</summary>
    public ReadOnlySpan<int> Items(int position) => _found.Items(position);

    /// <summary>Their scores; empty where they are to be scored anew.</summary>
    public ReadOnlySpan<float> Scores(int position) => _areScored ? _found.Scores(position) : [];

    /// <summary>Begins a batch with empty heads.</summary>
    public void Clear(int count)
    {
        for (int position = 0; position < count; position++)
            _found.SetFound(position, 0);
        (IsSearched, QuerySeconds) = (false, 0);
    }

    /// <summary>Retrieves the heads of a batch that is still to come.</summary>
    public void RetrieveAhead(EstimatorBatch batch, Action? between)
    {
        _ahead ??= new AheadHeads(_setting, _index, _k);
        _ahead.Retrieve(batch, between);
    }

    /// <inheritdoc/>
    public void Dispose() => _ahead?.Dispose();

    /// <summary>Takes the heads that were retrieved ahead, or those of earlier visits where all contexts of the batch have one that is not
    /// due; else searches.</summary>
    public void RecallOrSearch(EstimatorBatch batch)
    {
        if (_ahead is not null && _ahead.Take(batch, _found))
        {
            (IsSearched, _areScored, QuerySeconds) = (true, false, _ahead.QuerySeconds);
            return;
        }

        if (_options.Reuse != HeadReuse.Instead || IsDue(batch))
        {
            Search(batch);
            return;
        }

        for (int position = 0; position < batch.Count; position++)
        {
            int context = batch.Contexts[position];
            Recall(position, context);
            _memory!.Visit(context);
        }

        _areScored = false;
    }

    /// <summary>Asks the index.</summary>
    public void Search(EstimatorBatch batch)
    {
        long start = Stopwatch.GetTimestamp();
        HnswIndex? graph = _options.Reuse == HeadReuse.WarmStart ? Graph : null;
        if (graph is not null)
        {
            for (int position = 0; position < batch.Count; position++)
                Recall(position, batch.Contexts[position]);
            graph.SearchFrom(batch.Projected, batch.Count, _k, _found, _found, _setting.Team);
        }
        else
        {
            _index.Search(batch.Projected, batch.Count, _k, _found, _setting.Team);
        }

        QuerySeconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        (IsSearched, _areScored) = (true, true);
        for (int position = 0; _memory is not null && position < batch.Count; position++)
            Keep(position, batch.Contexts[position]);
    }

    private HnswIndex? Graph => _index as HnswIndex ?? (_index as GuardedIndex)?.Graph;

    private bool IsDue(EstimatorBatch batch)
    {
        foreach (int context in batch.Contexts)
        {
            if (_memory!.Items(context).IsEmpty || _memory.VisitsSince(context) + 1 >= _options.SearchEvery)
                return true;
        }

        return false;
    }

    private void Recall(int position, int context)
    {
        ReadOnlySpan<int> items = _memory!.Items(context);
        items.CopyTo(_found.ItemBuffer(position));
        _found.SetFound(position, items.Length);
    }

    // A union keeps what was searched, and sums what was kept before beside it.
    private void Keep(int position, int context)
    {
        int searched = _found.Items(position).Length;
        if (_lookup is not null)
        {
            Span<int> items = _found.ItemBuffer(position);
            _lookup.Set(items[..searched]);
            int count = searched;
            foreach (int item in _memory!.Items(context))
            {
                if (_lookup.Find(item) < 0)
                    items[count++] = item;
            }

            _found.SetFound(position, count);
            _areScored = false;
        }

        _memory!.Store(context, _found.Items(position)[..searched]);
    }
}
