using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>
/// The protocol of the paper (session completion): each user's items are shuffled and halved into X and Y, and users are
/// divided into training, validation and test.
/// </summary>
/// <remarks>
/// Draws are named by (seed, user number): a user's halves do not depend on the other users, nor on threads. Immutable;
/// safe for concurrent reads.
/// </remarks>
public sealed class SessionSplit
{
    private const long HalvingStep = 0;
    private const long UserOrderStep = 1;

    private SessionSplit(int items, SplitPart train, SplitPart validation, SplitPart test)
    {
        ItemCount = items;
        Train = train;
        Validation = validation;
        Test = test;
    }

    /// <summary>Number of items in the catalogue: P.</summary>
    public int ItemCount { get; }

    /// <summary>Users to train on.</summary>
    public SplitPart Train { get; }

    /// <summary>Users for early stopping and the choice of settings; may be empty.</summary>
    public SplitPart Validation { get; }

    /// <summary>Users for R_test; may be empty.</summary>
    public SplitPart Test { get; }

    /// <summary>Splits: ⌊n/2⌋ of a user's n items become X, the rest Y.</summary>
    /// <param name="interactions">Users with at least two items each.</param>
    /// <param name="seed">Names the draws.</param>
    /// <param name="options">Shares; 80/10/10 where null. Shares of users are rounded to whole users.</param>
    /// <exception cref="ArgumentException">A user has fewer than two items, a share is out of range, or no user is left
    /// to train on.</exception>
    public static SessionSplit Create(Interactions interactions, ulong seed, SplitOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        options ??= new SplitOptions();
        options.Validate();
        int[] order = new int[interactions.UserCount];
        for (int user = 0; user < order.Length; user++)
            order[user] = user;
        new RandomDraws(seed, RandomPurpose.Split, UserOrderStep, 0).Shuffle(order);

        int train = (int)Math.Round(options.TrainFraction * order.Length);
        int validation = (int)Math.Round((options.TrainFraction + options.ValidationFraction) * order.Length) - train;
        if (train == 0)
        {
            throw new ArgumentException(
                $"{order.Length} users leave none to train on at a share of {options.TrainFraction}.", nameof(interactions));
        }

        return new SessionSplit(
            interactions.ItemCount,
            Halve(interactions.UserItems, order[..train], seed),
            Halve(interactions.UserItems, order[train..(train + validation)], seed),
            Halve(interactions.UserItems, order[(train + validation)..], seed));
    }

    private static SplitPart Halve(SparseRows userItems, int[] users, ulong seed)
    {
        long[] historyOffsets = new long[users.Length + 1];
        long[] rewardedOffsets = new long[users.Length + 1];
        for (int i = 0; i < users.Length; i++)
        {
            int count = userItems[users[i]].Length;
            if (count < 2)
            {
                throw new ArgumentException(
                    $"User {users[i]} has {count} item(s); the split needs at least 2.", nameof(userItems));
            }

            historyOffsets[i + 1] = historyOffsets[i] + (count / 2);
            rewardedOffsets[i + 1] = rewardedOffsets[i] + count - (count / 2);
        }

        int[] histories = new int[historyOffsets[^1]];
        int[] rewarded = new int[rewardedOffsets[^1]];
        int[] shuffled = [];
        for (int i = 0; i < users.Length; i++)
        {
            ReadOnlySpan<int> items = userItems[users[i]];
            if (shuffled.Length < items.Length)
                shuffled = new int[Math.Max(items.Length, 2 * shuffled.Length)];
            Span<int> list = shuffled.AsSpan(0, items.Length);
            items.CopyTo(list);
            new RandomDraws(seed, RandomPurpose.Split, HalvingStep, users[i]).Shuffle(list);
            Take(list[..(items.Length / 2)], histories, historyOffsets[i]);
            Take(list[(items.Length / 2)..], rewarded, rewardedOffsets[i]);
        }

        return new SplitPart(users, new SparseRows(historyOffsets, histories), new SparseRows(rewardedOffsets, rewarded));
    }

    private static void Take(Span<int> half, int[] target, long offset)
    {
        half.Sort();
        half.CopyTo(target.AsSpan((int)offset));
    }
}
