namespace KernelPolicy.Kernels;

/// <summary>
/// The items that a policy may choose, out of 0 … P − 1. Kernels take it as a struct, so that the test costs no call.
/// </summary>
public interface IItemSet
{
    /// <summary>P.</summary>
    int Items { get; }

    /// <summary>How many of them are in the set, exactly.</summary>
    int Count { get; }

    /// <summary>Whether an item, 0 to P − 1, is in the set.</summary>
    bool Allows(int item);

    /// <summary>The items 64·word … 64·word + 63 as bits, lowest first; none at or beyond P.</summary>
    ulong Word(int word);
}
