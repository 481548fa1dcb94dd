using ILGPU;
using KernelPolicy.Index;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>An estimator of g = Cov_{a~π}[r_a, β_a] whose work is done on a device.</summary>
/// <remarks>Same draws and, but for rounding, same numbers as its counterpart of
/// <see cref="GradientEstimators"/>. Allocates nothing a batch. Not thread-safe.</remarks>
internal interface IDeviceEstimator : IDisposable
{
    /// <summary>The method's name.</summary>
    string Name { get; }

    /// <summary>The method with all its parameters.</summary>
    string Description { get; }

    /// <summary>The index on the host that is asked for a top K; null where none is.</summary>
    IMipsIndex? Index => null;

    /// <summary>K, items that the index is asked for; 0 where none is.</summary>
    int RetrievedItems => 0;

    /// <summary>Seconds in which the index was asked, over all batches so far.</summary>
    double QuerySeconds => double.NaN;

    /// <summary>What of a step is not launches alone, or which way it goes: for people.</summary>
    IEnumerable<string> Remarks => [];

    /// <summary>Sums of what the strata of all batches said of themselves since the last call; zero throughout with other
    /// methods.</summary>
    StrataStatistics TakeStrata() => default;

    /// <summary>Launches what writes g [B, L] and the report of the batch.</summary>
    void Estimate(DeviceBatch batch, ArrayView<float> gradients, BatchReport report);
}
