namespace KernelPolicy.Policy;

/// <content>What a host asks of the recommenders that it puts in place of one another.</content>
public sealed partial class Recommender
{
    private volatile ItemBans? _bans;

    /// <summary>Adds nothing from now on that is banned or removed there.</summary>
    internal void Obey(ItemBans bans) => _bans = bans;

    /// <summary>Bans those of the ids that are known.</summary>
    /// <returns>How many.</returns>
    internal int BanKnown(ReadOnlySpan<string> ids) => ForKnown(ids, static (recommender, items) => recommender.Ban(items));

    /// <summary>Lifts the bans of those of the ids that are known.</summary>
    /// <returns>How many.</returns>
    internal int UnbanKnown(ReadOnlySpan<string> ids) => ForKnown(ids, static (recommender, items) => recommender.Unban(items));

    /// <summary>Removes those of the ids that are known.</summary>
    /// <returns>How many.</returns>
    internal int RemoveKnown(ReadOnlySpan<string> ids) => ForKnown(ids, static (recommender, items) => recommender.Remove(items));

    /// <summary>Lets items be recommended that have been added but banned until now, and their ids be found.</summary>
    /// <param name="allowed">Which of them may be recommended.</param>
    /// <param name="count">How many were added.</param>
    internal void Admit(ReadOnlySpan<int> allowed, int count)
    {
        _index.Unban(allowed);
        _ids.Publish(count);
    }

    /// <summary>The same, of those that a host has not banned while they were being added.</summary>
    private void Admit(IReadOnlyList<string> ids, int first)
    {
        if (_bans is { } bans)
        {
            bans.Admit(ids, first, this);
            return;
        }

        Admit([.. Enumerable.Range(first, ids.Count)], ids.Count);

        // A host may have begun to serve by it just now, before these had their ids.
        _bans?.ApplyLate(this);
    }

    private int ForKnown(ReadOnlySpan<string> ids, Action<Recommender, int[]> change)
    {
        List<int> known = [];
        foreach (string id in ids)
        {
            if (TryFind(id, out int item))
                known.Add(item);
        }

        // A change costs a copy of the bans, whatever it changes.
        if (known.Count > 0)
            change(this, [.. known]);
        return known.Count;
    }
}
