using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>
/// Marks the users and items that are left once every user has enough items and every item enough users, by dropping
/// those that have not, over and over: the k-core, which is the same whatever is dropped first.
/// </summary>
internal sealed class CoreFilter
{
    private readonly SparseRows _rows;
    private readonly int[] _userDegree;
    private readonly int[] _itemDegree;

    private CoreFilter(SparseRows rows, int items)
    {
        _rows = rows;
        UserKept = new bool[rows.Count];
        ItemKept = new bool[items];
        _userDegree = new int[rows.Count];
        _itemDegree = new int[items];
        Array.Fill(UserKept, true);
        Array.Fill(ItemKept, true);
    }

    public bool[] UserKept { get; }

    public bool[] ItemKept { get; }

    public int UsersBelowMinimum { get; private set; }

    public int UsersWithOneItem { get; private set; }

    public int UsersWithoutItems { get; private set; }

    public int ItemsBelowMinimum { get; private set; }

    public int ItemsWithoutUsers { get; private set; }

    public int Rounds { get; private set; }

    /// <summary>Runs the filter. A user is kept with two items at the least, whatever the limits.</summary>
    public static CoreFilter Run(SparseRows rows, int items, int minUser, int minItem, CancellationToken cancellationToken)
    {
        CoreFilter filter = new(rows, items);
        bool changed = true;
        while (changed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            filter.Rounds++;
            changed = filter.DropUsers(minUser);
            changed |= filter.DropItems(minItem);
        }

        return filter;
    }

    private bool DropUsers(int minUser)
    {
        CountDegrees();
        bool changed = false;
        for (int user = 0; user < UserKept.Length; user++)
        {
            int degree = _userDegree[user];
            if (!UserKept[user] || degree >= Math.Max(2, minUser))
                continue;
            UserKept[user] = false;
            changed = true;
            if (degree == 0)
                UsersWithoutItems++;
            else if (degree < minUser)
                UsersBelowMinimum++;
            else
                UsersWithOneItem++;
        }

        return changed;
    }

    private bool DropItems(int minItem)
    {
        CountDegrees();
        bool changed = false;
        for (int item = 0; item < ItemKept.Length; item++)
        {
            int degree = _itemDegree[item];
            if (!ItemKept[item] || degree >= minItem)
                continue;
            ItemKept[item] = false;
            changed = true;
            if (degree == 0)
                ItemsWithoutUsers++;
            else
                ItemsBelowMinimum++;
        }

        return changed;
    }

    private void CountDegrees()
    {
        Array.Clear(_itemDegree);
        for (int user = 0; user < UserKept.Length; user++)
        {
            int degree = 0;
            if (UserKept[user])
            {
                foreach (int item in _rows[user])
                {
                    if (!ItemKept[item])
                        continue;
                    degree++;
                    _itemDegree[item]++;
                }
            }

            _userDegree[user] = degree;
        }
    }
}
