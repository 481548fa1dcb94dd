using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.DeviceTraining;

/// <summary>The top K by an index on the host: H is copied there, and the answers are copied back.</summary>
/// <remarks>One copy each way a batch: B·stride numbers up to the host, B·K items and scores down.</remarks>
internal sealed class HostSearch : ITopKSource
{
    private readonly IMipsIndex _index;
    private readonly WorkerTeam _team;
    private readonly Matrix _queries;
    private readonly TopK _answers;
    private readonly int[] _items;
    private readonly float[] _scores;
    private readonly int[] _found;
    private double _seconds;

    /// <summary>Reserves memory.</summary>
    public HostSearch(ComputeDevice device, EstimatorParts parts, int k, IMipsIndex index, WorkerTeam team)
    {
        (_index, _team) = (index, team);
        Top = new DeviceTopK(device, parts.BatchSize, k);
        _queries = new Matrix(parts.BatchSize, parts.Dimension);
        _answers = new TopK(parts.BatchSize, k);
        _items = new int[parts.BatchSize * k];
        _scores = new float[parts.BatchSize * k];
        _found = new int[parts.BatchSize];
    }

    public DeviceTopK Top { get; }

    public IMipsIndex Index => _index;

    public double QuerySeconds => _seconds;

    public string Description => _index.Description;

    public string Remark => $"the host finds the top {Top.K} ({_index.Kind}): a step copies the queries there and the answers back";

    public void Find(DeviceBatch batch)
    {
        TakeQueries(batch);
        Search(batch.View.Count);
    }

    /// <summary>Copies H to the host; what is launched then runs while <see cref="Search"/> does.</summary>
    public void TakeQueries(DeviceBatch batch) => batch.Projected.DownloadRows(_queries, batch.View.Count);

    /// <summary>Asks the index, and copies the answers to the device.</summary>
    public void Search(int count)
    {
        int k = Top.K;
        long start = Stopwatch.GetTimestamp();
        _index.Search(_queries, count, k, _answers, _team);
        _seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        for (int query = 0; query < count; query++)
        {
            _answers.Items(query).CopyTo(_items.AsSpan(query * k));
            _answers.Scores(query).CopyTo(_scores.AsSpan(query * k));
            _found[query] = _answers.Items(query).Length;
        }

        Top.Upload(_items.AsSpan(0, count * k), _scores.AsSpan(0, count * k), _found.AsSpan(0, count));
    }

    public void Dispose()
    {
        Top.Dispose();
        _queries.Dispose();
    }
}
