using System.Globalization;
using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>
/// Draws a log of interactions with structure to learn: items of Zipf popularity in latent clusters, users who like a
/// few of them.
/// </summary>
/// <remarks>Draws are named by (seed, user). The same options give the same log on one kind of processor; logarithms of
/// another may differ in the last bit.</remarks>
public static class SyntheticInteractions
{
    private const long UserStep = 2;

    /// <summary>Draws a log.</summary>
    /// <param name="options">Its shape; the defaults where null.</param>
    /// <returns>The interactions, whose catalogue holds the items that nobody drew too, and what they were drawn
    /// from.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static (Interactions Interactions, SyntheticTruth Truth) Generate(SyntheticOptions? options = null)
    {
        options ??= new SyntheticOptions();
        options.Validate();
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        ClusteredCatalogue catalogue = new(options);
        UserTaste[] tastes = new UserTaste[options.Users];
        PairCollector pairs = new();
        for (int user = 0; user < options.Users; user++)
        {
            DrawSequence draws = new(new RandomDraws(options.Seed, RandomPurpose.Synthetic, UserStep, user));
            tastes[user] = UserTaste.Draw(ref draws, catalogue, options);
            AddSession(user, tastes[user], ref draws, catalogue, pairs);
        }

        long drawn = pairs.Count;
        SparseRows rows = pairs.ToRows(options.Users, default);
        LoadReport report = new()
        {
            Source = "synthetic",
            RowsRead = drawn,
            DuplicateRows = drawn - rows.ItemCount,
            UsersRead = options.Users,
            ItemsRead = options.Items,
            Users = options.Users,
            Items = options.Items,
            Interactions = rows.ItemCount,
            Seconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
        Interactions interactions = new(
            rows, Ids("user", options.Users), Ids("item", options.Items), report);
        return (interactions, new SyntheticTruth(catalogue, tastes, options.BackgroundShare));
    }

    private static void AddSession(
        int user, UserTaste taste, ref DrawSequence draws, ClusteredCatalogue catalogue, PairCollector pairs)
    {
        int count = draws.Poisson(taste.MeanDraws);
        int first = -1;
        bool two = false;
        for (int i = 0; i < count || !two; i++)
        {
            // One item alone leaves no history. Popularity reaches a second one even where the taste is one item.
            int item = i < count ? taste.DrawItem(ref draws, catalogue) : catalogue.DrawItem(draws.Uniform());
            pairs.Add(user, item);
            two |= first >= 0 && item != first;
            first = first < 0 ? item : first;
        }
    }

    private static string[] Ids(string kind, int count)
    {
        string format = $"D{(count - 1).ToString(CultureInfo.InvariantCulture).Length}";
        return [.. Enumerable.Range(0, count).Select(n => $"{kind}-{n.ToString(format, CultureInfo.InvariantCulture)}")];
    }
}
