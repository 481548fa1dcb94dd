using ILGPU;
using ILGPU.Runtime;

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
    /// <param name="batchSize">B.</param>
    /// <param name="k">K.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="catalogue">P.</param>
    public MixtureHeadStore(ComputeDevice device, int batchSize, int k, double epsilon, int catalogue)
    {
        (_device, _epsilon, _catalogue) = (device, epsilon, catalogue);
        int slots = MixtureHeads.SlotsFor(k);
        Top = new DeviceTopK(device, batchSize, k);
        _cumulative = new DeviceArray<double>(device, (long)batchSize * k);
        _logWeights = new DeviceArray<float>(device, (long)batchSize * k);
        _hash = new DeviceArray<int>(device, (long)batchSize * slots);
        Heads = new MixtureHeads(k, slots)
        {
            Found = Top.Found,
            Items = Top.Items,
            Scores = Top.Scores,
            Cumulative = _cumulative.View,
            LogWeights = _logWeights.View,
            Hash = _hash.View,
        };
        _kernel = device.Accelerator.LoadStreamKernel<MixtureHeads, double, int>(MixtureHeadKernel.Run);
    }

    /// <summary>Where the top K of the batch goes.</summary>
    public DeviceTopK Top { get; }

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
        Top.Dispose();
        _cumulative.Dispose();
        _logWeights.Dispose();
        _hash.Dispose();
    }
}
