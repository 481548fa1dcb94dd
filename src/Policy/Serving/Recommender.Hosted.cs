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
