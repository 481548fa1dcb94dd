using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Heads of a batch that is still to come.</summary>
/// <remarks>Allocates nothing after its first batch. Not thread-safe.</remarks>
internal sealed class AheadHeads(EstimatorSetting setting, IMipsIndex index, int k) : IDisposable
{
    // Contexts a worker between two calls of who waits: a search of a graph takes some 20 µs.
    private const int ContextsOfAPart = 4;

    // A scan reads all of β for each part: it is not to be divided.
    private readonly int _part = index.Kind == "exact" ? setting.BatchSize : Math.Min(setting.BatchSize, ContextsOfAPart * setting.Team.Threads);
    private readonly TopK _found = new(setting.BatchSize, k);
    private readonly int[] _contexts = new int[setting.BatchSize];
    private TopK? _foundOfPart;
    private Matrix? _queriesOfPart;
    private long _step = -1;
    private int _count;

    /// <summary>Seconds of the last search, waiting between its parts included.</summary>
    public double QuerySeconds { get; private set; }

    /// <summary>Retrieves.</summary>
    public void Retrieve(EstimatorBatch batch, Action? between)
    {
        long start = Stopwatch.GetTimestamp();
        batch.Contexts.CopyTo(_contexts);
        (_count, _step) = (batch.Count, batch.Step);
        if (_part >= batch.Count)
            index.Search(batch.Projected, batch.Count, k, _found, setting.Team);
        else
            RetrieveInParts(batch, between);
        QuerySeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Hands the heads over, where they are those of this batch; they serve once.</summary>
    /// <returns>Whether they are.</returns>
    public bool Take(EstimatorBatch batch, TopK destination)
    {
        bool areThese = batch.Step == _step && batch.Contexts.SequenceEqual(_contexts.AsSpan(0, _count));
        _step = -1;
        for (int position = 0; areThese && position < _count; position++)
            Copy(_found, position, destination, position);
        return areThese;
    }

    public void Dispose() => _queriesOfPart?.Dispose();

    private void RetrieveInParts(EstimatorBatch batch, Action? between)
    {
        _queriesOfPart ??= new Matrix(_part, batch.Projected.Columns);
        _foundOfPart ??= new TopK(_part, k);
        for (int first = 0; first < batch.Count; first += _part)
        {
            int count = Math.Min(_part, batch.Count - first);
            for (int i = 0; i < count; i++)
                batch.Projected.PaddedRow(first + i).CopyTo(_queriesOfPart.PaddedRow(i));
            index.Search(_queriesOfPart, count, k, _foundOfPart, setting.Team);
            for (int i = 0; i < count; i++)
                Copy(_foundOfPart, i, _found, first + i);
            between?.Invoke();
        }
    }

    private static void Copy(TopK from, int position, TopK to, int place)
    {
        ReadOnlySpan<int> items = from.Items(position);
        items.CopyTo(to.ItemBuffer(place));
        to.SetFound(place, items.Length);
    }
}
