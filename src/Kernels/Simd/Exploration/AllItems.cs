namespace KernelPolicy.Kernels;

/// <summary>The whole catalogue.</summary>
/// <param name="items">P.</param>
public readonly struct AllItems(int items) : IItemSet
{
    /// <inheritdoc/>
    public int Items { get; } = items;

    /// <inheritdoc/>
    public int Count => Items;

    /// <inheritdoc/>
    public bool Allows(int item) => true;

    /// <inheritdoc/>
    public ulong Word(int word)
    {
        long left = Items - ((long)word * 64);
        return left >= 64 ? ulong.MaxValue : (1UL << (int)left) - 1;
    }
}
