namespace KernelPolicy.Data;

/// <summary>
/// What a synthetic log was drawn from: for each user the true probability of each item, and the best reward that
/// anyone could reach who knew it.
/// </summary>
/// <remarks>
/// A user makes a Poisson number of draws with mean λ, repeats collapse: items are then in the session independently of
/// each other, item a with probability 1 − e^(−λ p(a)). (Users with fewer than two items draw on, which is rare enough
/// not to count.) User and item numbers are those of the interactions. Immutable; safe for concurrent reads.
/// </remarks>
public sealed class SyntheticTruth
{
    private readonly ClusteredCatalogue _catalogue;
    private readonly UserTaste[] _tastes;
    private readonly double _backgroundShare;

    internal SyntheticTruth(ClusteredCatalogue catalogue, UserTaste[] tastes, double backgroundShare)
    {
        _catalogue = catalogue;
        _tastes = tastes;
        _backgroundShare = backgroundShare;
    }

    /// <summary>Number of users.</summary>
    public int Users => _tastes.Length;

    /// <summary>Number of items.</summary>
    public int Items => _catalogue.Items;

    /// <summary>Writes the true probability of each item being in a user's session.</summary>
    /// <param name="user">Number of the user.</param>
    /// <param name="probabilities">Receives [items]; overwritten.</param>
    /// <exception cref="ArgumentException">The user does not exist or the length differs.</exception>
    public void Probabilities(int user, Span<double> probabilities)
    {
        CheckUser(user);
        if (probabilities.Length != Items)
        {
            throw new ArgumentException(
                $"There are {Items} items, and room for {probabilities.Length}.", nameof(probabilities));
        }

        UserTaste taste = _tastes[user];
        for (int item = 0; item < probabilities.Length; item++)
            probabilities[item] = _backgroundShare * _catalogue.Popularity(item);
        for (int i = 0; i < taste.Clusters.Length; i++)
        {
            foreach (int item in _catalogue.ItemsOf(taste.Clusters[i]))
                probabilities[item] += taste.Weights[i] * _catalogue.WithinCluster(item);
        }

        foreach (ref double probability in probabilities)
            probability = 1 - Math.Exp(-taste.MeanDraws * probability);
    }

    /// <summary>The item most likely to be in a user's session that is not in their history: the best recommendation there
    /// is. Ties go to the smaller number.</summary>
    /// <param name="user">Number of the user.</param>
    /// <param name="history">X, rising.</param>
    /// <param name="probability">The probability that it is in Y, given that it is not in X, with each item of a session
    /// put in X with probability ½ (the split halves exactly, which differs by O(1/n)).</param>
    public int Best(int user, ReadOnlySpan<int> history, out double probability)
    {
        double[] inSession = new double[Items];
        Probabilities(user, inSession);
        foreach (int item in history)
            inSession[item] = -1;
        int best = Array.IndexOf(inSession, inSession.Max());
        probability = inSession[best] / 2 / (1 - (inSession[best] / 2));
        return best;
    }

    /// <summary>
    /// The best possible reward on a part of the users: the share for whom the best recommendation is in Y. No policy
    /// that sees X alone can be expected to do better.
    /// </summary>
    /// <param name="part">Users with their X and Y.</param>
    /// <returns>The reward on the Y that came about, and the reward expected from the true probabilities.</returns>
    /// <exception cref="ArgumentException">The part has no users.</exception>
    public (double Actual, double Expected) BestReward(SplitPart part)
    {
        ArgumentNullException.ThrowIfNull(part);
        if (part.Count == 0)
            throw new ArgumentException("The part has no users.", nameof(part));
        int hits = 0;
        double expected = 0;
        for (int i = 0; i < part.Count; i++)
        {
            int best = Best(part.Users[i], part.Histories[i], out double probability);
            hits += part.Rewarded[i].BinarySearch(best) >= 0 ? 1 : 0;
            expected += probability;
        }

        return ((double)hits / part.Count, expected / part.Count);
    }

    private void CheckUser(int user)
    {
        if ((uint)user >= (uint)Users)
            throw new ArgumentOutOfRangeException(nameof(user), user, $"There are users 0 to {Users - 1}.");
    }
}
