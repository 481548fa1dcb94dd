using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>The top K of a batch in the memory of a device: items and scores [B, K], best first, and how many were found
/// [B].</summary>
internal sealed class DeviceTopK : IDisposable
{
    private readonly DeviceArray<int> _items;
    private readonly DeviceArray<float> _scores;
    private readonly DeviceArray<int> _found;

    /// <summary>Reserves room.</summary>
    public DeviceTopK(ComputeDevice device, int queries, int k)
    {
        (Queries, K) = (queries, k);
        _items = new DeviceArray<int>(device, (long)queries * k);
        _scores = new DeviceArray<float>(device, (long)queries * k);
        _found = new DeviceArray<int>(device, queries);
    }

    /// <summary>Queries there is room for.</summary>
    public int Queries { get; }

    /// <summary>K.</summary>
    public int K { get; }

    /// <summary>Items, best first [B, K].</summary>
    public ArrayView<int> Items => _items.View;

    /// <summary>Their scores [B, K].</summary>
    public ArrayView<float> Scores => _scores.View;

    /// <summary>How many were found [B].</summary>
    public ArrayView<int> Found => _found.View;

    /// <summary>Copies answers from the host, rows of K.</summary>
    public void Upload(ReadOnlySpan<int> items, ReadOnlySpan<float> scores, ReadOnlySpan<int> found)
    {
        _items.Upload(items);
        _scores.Upload(scores);
        _found.Upload(found);
    }

    /// <summary>Copies answers to the host, rows of K.</summary>
    public void Download(Span<int> items, Span<float> scores, Span<int> found)
    {
        _items.Download(items);
        _scores.Download(scores);
        _found.Download(found);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _items.Dispose();
        _scores.Dispose();
        _found.Dispose();
    }
}
