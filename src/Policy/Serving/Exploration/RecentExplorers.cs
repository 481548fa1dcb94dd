using System.Numerics;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The explorers of the few ways of exploring that one request's memory has met last.</summary>
/// <remarks>Not thread-safe. Allocates where items or options are new, or a capacity is outgrown.</remarks>
internal sealed class RecentExplorers
{
    /// <summary>Ways kept: a service compares a few, and each holds room for a tail.</summary>
    public const int Kept = 4;

    private readonly Explorer?[] _explorers = new Explorer?[Kept];
    private int _oldest;

    /// <summary>An explorer with room for so much.</summary>
    public Explorer For(Matrix items, ExplorationOptions options, int head, int slate, int excluded)
    {
        int place = -1;
        for (int i = 0; i < Kept; i++)
        {
            if (_explorers[i] is not { } known || !known.IsFor(items, options))
                continue;
            if (known.Fits(items, options, head, slate))
                return known;
            place = i;
        }

        if (place < 0)
            (place, _oldest) = (_oldest, (_oldest + 1) % Kept);
        return _explorers[place] = new Explorer(items, options, RoomFor(head), RoomFor(slate), excluded);
    }

    // Rounded up, so that lists that grow by one do not allocate each time.
    private static int RoomFor(int count) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(count, 1 << 30));
}
