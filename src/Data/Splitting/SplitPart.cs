using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>One part of the users, each with their items halved: what the policy sees and what it is rewarded for.</summary>
/// <remarks>Immutable by convention; safe for concurrent reads.</remarks>
public sealed class SplitPart
{
    /// <summary>Puts a part together; the array is kept, not copied.</summary>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public SplitPart(int[] users, SparseRows histories, SparseRows rewarded)
    {
        ArgumentNullException.ThrowIfNull(users);
        ArgumentNullException.ThrowIfNull(histories);
        ArgumentNullException.ThrowIfNull(rewarded);
        if (histories.Count != users.Length || rewarded.Count != users.Length)
        {
            throw new ArgumentException(
                $"{users.Length} users, {histories.Count} histories and {rewarded.Count} rows of rewarded items.",
                nameof(users));
        }

        Users = users;
        Histories = histories;
        Rewarded = rewarded;
    }

    /// <summary>Number of each user among the interactions [count], in shuffled order.</summary>
    public int[] Users { get; }

    /// <summary>X: the items that make up each user's context; one row a user, rising.</summary>
    public SparseRows Histories { get; }

    /// <summary>Y: the items for which a recommendation is rewarded; one row a user, rising, none of them in X.</summary>
    public SparseRows Rewarded { get; }

    /// <summary>Number of users.</summary>
    public int Count => Users.Length;
}
