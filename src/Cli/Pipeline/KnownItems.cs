using KernelPolicy.Data;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>Users and their items in the numbering of a policy, which may know other items than the data hold.</summary>
/// <param name="Part">Users with something in both halves that the policy knows.</param>
/// <param name="UnknownItems">Items of the data that the policy does not know.</param>
/// <param name="UsersLeftOut">Users left with an empty half for it.</param>
internal sealed record KnownItems(SplitPart Part, int UnknownItems, int UsersLeftOut)
{
    /// <summary>Translates the users of a part.</summary>
    public static KnownItems Translate(SplitPart part, IReadOnlyList<string> itemIds, SoftmaxPolicy policy)
    {
        int[] numbers = [.. itemIds.Select(id => policy.TryFind(id, out int item) ? item : -1)];
        int unknown = numbers.Count(number => number < 0);
        List<int> users = [];
        List<IReadOnlyList<int>> histories = [], rewarded = [];
        for (int i = 0; i < part.Count; i++)
        {
            int[] history = Rising(part.Histories[i], numbers), reward = Rising(part.Rewarded[i], numbers);
            if (history.Length == 0 || reward.Length == 0)
                continue;
            users.Add(part.Users[i]);
            histories.Add(history);
            rewarded.Add(reward);
        }

        return new KnownItems(
            new SplitPart([.. users], SparseRows.FromLists(histories), SparseRows.FromLists(rewarded)), unknown, part.Count - users.Count);
    }

    private static int[] Rising(ReadOnlySpan<int> items, int[] numbers)
    {
        List<int> known = [];
        foreach (int item in items)
        {
            if (numbers[item] >= 0)
                known.Add(numbers[item]);
        }

        known.Sort();
        return [.. known];
    }
}
