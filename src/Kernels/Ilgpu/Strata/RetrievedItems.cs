using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>α_K of a batch as kernels read it.</summary>
/// <param name="top">The top K on the device.</param>
internal readonly struct RetrievedItems(DeviceTopK top)
{
    private readonly int _k = top.K;

    /// <summary>How many were found [B].</summary>
    public ArrayView<int> Found { get; } = top.Found;

    /// <summary>Items [B, K].</summary>
    public ArrayView<int> Items { get; } = top.Items;

    /// <summary>Their scores [B, K].</summary>
    public ArrayView<float> Scores { get; } = top.Scores;

    /// <summary>The place of the first of a context.</summary>
    public long First(int position) => (long)position * _k;
}
