using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>The contexts of one step, as kernels see them: a stretch of the order of the epoch.</summary>
/// <param name="order">Contexts in the order of the epoch [N].</param>
/// <param name="first">Where the batch starts in it.</param>
/// <param name="count">Contexts in the batch, at most B.</param>
/// <param name="step">Number of the step, from 0.</param>
/// <param name="seed">Seed of the draws.</param>
internal readonly struct BatchView(ArrayView<int> order, long first, int count, long step, ulong seed)
{
    private readonly ArrayView<int> _order = order;
    private readonly long _first = first;

    /// <summary>Contexts in the batch.</summary>
    public int Count { get; } = count;

    /// <summary>Number of the step, from 0.</summary>
    public long Step { get; } = step;

    /// <summary>Seed of the draws.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>The context at a position of the batch.</summary>
    public int Context(int position) => _order[_first + position];
}
