using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// The exact scan for allowed items. Where many are allowed, the scan of all finds somewhat more than K and the others are
/// dropped; whichever query is left with too few, and all of them where few items are allowed, score the allowed items one
/// by one.
/// </summary>
/// <remarks>Memory of one search at a time; allocates only when a search is larger than any before it.</remarks>
internal sealed unsafe class FilteredScan : IParallelWork, IDisposable
{
    // A block of queries shares what the scan of all reads: some four times as fast as scoring by itself.
    private const double LeastShareToScanAll = 0.25;
    private const double Surplus = 1.25;
    private const int LeastSurplus = 16;

    private readonly TopKScan _scan = new();
    private TopK? _wide;
    private AllowedScan[] _scans = [];
    private int[] _missing = [];
    private Matrix? _items;
    private Matrix? _queries;
    private TopK? _result;
    private AllowedItems _allowed;
    private int _k;

    /// <summary>Finds the top K of the allowed items for each query, or all of them where they are fewer.</summary>
    public void Run(
        Matrix items, Matrix queries, int count, int k, in AllowedItems allowed, TopK result, WorkerTeam team)
    {
        result.Check(items, queries, count, k);
        if (_missing.Length < count)
            _missing = new int[count];
        int least = Math.Min(k, allowed.Count);
        int missing = 0;
        int retrieved = Retrieved(allowed, least, count);
        if (retrieved > 0)
            ScanAll(items, queries, count, retrieved, team);
        for (int query = 0; query < count; query++)
        {
            int found = retrieved > 0 ? Keep(query, least, allowed, result) : 0;
            result.SetFound(query, found);
            if (found < least)
                _missing[missing++] = query;
        }

        if (missing == 0)
            return;
        if (_scans.Length < team.Threads)
            _scans = [.. Enumerable.Range(0, team.Threads).Select(_ => new AllowedScan())];
        (_items, _queries, _result, _allowed, _k) = (items, queries, result, allowed, least);
        team.Run(this, missing);
        (_items, _queries, _result, _allowed) = (null, null, null, default);
    }

    public void Execute(int index, int worker)
    {
        int query = _missing[index];
        Span<ulong> found = _scans[worker].Find(new TableScores(_items!), _queries!.RowPointer(query), _allowed, _k);
        _result!.Store(query, found, _k);
    }

    public void Dispose() => _scan.Dispose();

    /// <summary>Items to find in all of the catalogue so that K allowed ones are likely to be among them; 0 where that is not
    /// worth while.</summary>
    private static int Retrieved(in AllowedItems allowed, int k, int count)
    {
        double share = (double)allowed.Count / allowed.Items;
        if (share < LeastShareToScanAll || k == 0)
            return 0;
        long wanted = Math.Min(
            (long)(k / share * Surplus) + LeastSurplus, (long)k + allowed.Items - allowed.Count);
        wanted = Math.Min(wanted, allowed.Items);
        return wanted * count <= int.MaxValue / 2 ? (int)wanted : 0;
    }

    private void ScanAll(Matrix items, Matrix queries, int count, int retrieved, WorkerTeam team)
    {
        if (_wide is null || _wide.Queries < count || _wide.Capacity < retrieved)
            _wide = new TopK(count, retrieved);
        _scan.Run(items, queries, count, retrieved, _wide, team);
    }

    private int Keep(int query, int k, in AllowedItems allowed, TopK result)
    {
        ReadOnlySpan<int> items = _wide!.Items(query);
        ReadOnlySpan<float> scores = _wide.Scores(query);
        Span<int> keptItems = result.ItemBuffer(query);
        Span<float> keptScores = result.ScoreBuffer(query);
        int kept = 0;
        for (int i = 0; i < items.Length && kept < k; i++)
        {
            if (!allowed.Allows(items[i]))
                continue;
            keptItems[kept] = items[i];
            keptScores[kept++] = scores[i];
        }

        return kept;
    }
}
