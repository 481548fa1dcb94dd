using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.DeviceTraining;

/// <summary>Where the top K of a batch comes from.</summary>
internal interface ITopKSource : IDisposable
{
    /// <summary>K.</summary>
    int K { get; }

    /// <summary>What it is, for fingerprints.</summary>
    string Description { get; }

    /// <summary>The index on the host; null where the device scans.</summary>
    IMipsIndex? Index { get; }

    /// <summary>Seconds in which the host was asked so far; NaN where the device scans, whose launches nobody waits for.</summary>
    double Seconds { get; }

    /// <summary>Finds the top K of a batch, or launches what finds it.</summary>
    void Find(DeviceBatch batch, DeviceTopK result);
}

/// <summary>The device scores every item.</summary>
internal sealed class DeviceScanSource(IItemScan scan, int k) : ITopKSource
{
    public int K => k;

    public string Description => "device scan";

    public IMipsIndex? Index => null;

    public double Seconds => double.NaN;

    public void Find(DeviceBatch batch, DeviceTopK result) =>
        scan.Run(batch.Projected.View, batch.Panels, batch.View.Count, result);

    public void Dispose() => scan.Dispose();
}

/// <summary>An index on the host is asked: H is copied there and the answers back.</summary>
internal sealed class HostIndexSource(IMipsIndex index, int batchSize, int k, WorkerTeam team) : ITopKSource
{
    private readonly Matrix _queries = new(batchSize, index.Items.Columns);
    private readonly TopK _answers = new(batchSize, k);
    private readonly int[] _items = new int[batchSize * k];
    private readonly float[] _scores = new float[batchSize * k];
    private readonly int[] _found = new int[batchSize];

    public int K => k;

    public string Description => index.Description;

    public IMipsIndex? Index => index;

    public double Seconds { get; private set; }

    public void Find(DeviceBatch batch, DeviceTopK result)
    {
        int count = batch.View.Count;
        batch.Projected.DownloadRows(_queries, count);
        long start = Stopwatch.GetTimestamp();
        index.Search(_queries, count, k, _answers, team);
        Seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        for (int query = 0; query < count; query++)
        {
            _answers.Items(query).CopyTo(_items.AsSpan(query * k));
            _answers.Scores(query).CopyTo(_scores.AsSpan(query * k));
            _found[query] = _answers.Items(query).Length;
        }

        result.Upload(_items.AsSpan(0, count * k), _scores.AsSpan(0, count * k), _found.AsSpan(0, count));
    }

    public void Dispose() => _queries.Dispose();
}
