using ILGPU;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.DeviceTraining;

/// <summary>A batch as an estimator needs it.</summary>
/// <param name="contexts">Which contexts of the data set these are, on the host.</param>
/// <param name="view">The same on the device, with step and seed.</param>
/// <param name="projected">H [B, L].</param>
/// <param name="panels">H in panels.</param>
internal readonly ref struct DeviceBatch(ReadOnlySpan<int> contexts, BatchView view, DeviceMatrix projected, ArrayView<float> panels)
{
    /// <summary>Which contexts of the data set these are.</summary>
    public ReadOnlySpan<int> Contexts { get; } = contexts;

    /// <summary>The same on the device.</summary>
    public BatchView View { get; } = view;

    /// <summary>H [B, L].</summary>
    public DeviceMatrix Projected { get; } = projected;

    /// <summary>H in panels.</summary>
    public ArrayView<float> Panels { get; } = panels;
}
