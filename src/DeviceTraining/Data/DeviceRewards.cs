using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>Rewards of few items a context, kept on a device: CSR with values.</summary>
internal sealed class DeviceRewards : IDisposable
{
    private readonly DeviceRows _rows;
    private readonly DeviceArray<float> _values;
    private readonly DeviceArray<ulong> _filters;

    /// <summary>Copies them.</summary>
    /// <exception cref="DeviceMemoryException">They do not fit.</exception>
    public DeviceRewards(ComputeDevice device, IRewardSource rewards)
    {
        long[] offsets = new long[rewards.Count + 1];
        for (int context = 0; context < rewards.Count; context++)
        {
            int length = rewards.RewardedItems(context).Length;
            offsets[context + 1] = offsets[context] + length;
            MostItems = Math.Max(MostItems, length);
        }

        int[] items = new int[offsets[^1]];
        float[] values = new float[offsets[^1]];
        ulong[] filters = new ulong[rewards.Count];
        for (int context = 0; context < rewards.Count; context++)
        {
            int first = checked((int)offsets[context]);
            Span<int> own = items.AsSpan(first, checked((int)(offsets[context + 1] - offsets[context])));
            rewards.RewardedItems(context).CopyTo(own);
            own.Sort();
            rewards.Fill(context, own, values.AsSpan(first, own.Length));
            foreach (int item in own)
                filters[context] |= SparseRewards.Bit(item);
        }

        _rows = new DeviceRows(device, new SparseRows(offsets, items));
        _values = new DeviceArray<float>(device, values.Length);
        _filters = new DeviceArray<ulong>(device, filters.Length);
        _values.Upload(values);
        _filters.Upload(filters);
    }

    /// <summary>The most items that a context has.</summary>
    public int MostItems { get; }

    /// <summary>The rewards as kernels see them.</summary>
    public SparseRewards View => new(_rows.View, _values.View, _filters.View);

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _values.Dispose();
        _filters.Dispose();
    }
}
