using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Owns the heads of the mixture's proposal for a batch, and launches <see cref="MixtureHeadKernel"/> once the top K
/// is known.</summary>
internal sealed class MixtureHeadStore : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly double _epsilon;
    private readonly int _catalogue;
    private readonly DeviceArray<double> _cumulative;
    private readonly DeviceArray<float> _logWeights;
    private readonly DeviceArray<int> _hash;
    private readonly Action<KernelConfig, MixtureHeads, double, int> _kernel;

    /// <summary>Compiles the kernel and reserves memory.</summary>
    /// <param name="device">The device.</param>
    /// <param name="top">Where the top K of a batch goes; it stays the caller's.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="catalogue">P.</param>
    public MixtureHeadStore(ComputeDevice device, DeviceTopK top, double epsilon, int catalogue)
    {
        (_device, _epsilon, _catalogue) = (device, epsilon, catalogue);
        int k = top.K, batchSize = top.Queries, slots = MixtureHeads.SlotsFor(k);
        _cumulative = new DeviceArray<double>(device, (long)batchSize * k);
        _logWeights = new DeviceArray<float>(device, (long)batchSize * k);
        _hash = new DeviceArray<int>(device, (long)batchSize * slots);
        Heads = new MixtureHeads(k, slots)
        {
            Found = top.Found,
            Items = top.Items,
            Scores = top.Scores,
            Cumulative = _cumulative.View,
            LogWeights = _logWeights.View,
            Hash = _hash.View,
        };
        _kernel = device.Load<MixtureHeads, double, int>(MixtureHeadKernel.Run);
    }

    /// <summary>The heads, once <see cref="Prepare"/> was launched.</summary>
    public MixtureHeads Heads { get; }

    /// <summary>Launches the preparation of the first <paramref name="count"/> contexts.</summary>
    public void Prepare(int count)
    {
        _device.CountLaunch("mixture head");
        _kernel(new KernelConfig(count, _device.Style.GroupSize), Heads, _epsilon, _catalogue);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cumulative.Dispose();
        _logWeights.Dispose();
        _hash.Dispose();
    }
}
