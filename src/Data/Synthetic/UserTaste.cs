namespace KernelPolicy.Data;

/// <summary>What one synthetic user likes.</summary>
/// <param name="Clusters">The clusters liked.</param>
/// <param name="Weights">Share of draws from each; with the background's share they sum to 1.</param>
/// <param name="MeanDraws">λ: the mean of the Poisson number of draws.</param>
internal sealed record UserTaste(int[] Clusters, double[] Weights, double MeanDraws)
{
    // Some users do little, none so little that no history is left.
    private const double LeastActivity = 0.4;
    private const double MostActivity = 6;

    /// <summary>Draws a user.</summary>
    public static UserTaste Draw(ref DrawSequence draws, ClusteredCatalogue catalogue, SyntheticOptions options)
    {
        int count = 1 + draws.Below(options.ClustersPerUser);
        int[] clusters = new int[count];
        double[] weights = new double[count];
        double total = 0;
        for (int i = 0; i < count; i++)
        {
            clusters[i] = catalogue.DrawCluster(draws.Uniform());
            weights[i] = draws.Exponential();
            total += weights[i];
        }

        for (int i = 0; i < count; i++)
            weights[i] *= (1 - options.BackgroundShare) / total;
        double activity = LeastActivity + ((1 - LeastActivity) * draws.Exponential());
        return new UserTaste(clusters, weights, options.MeanDraws * Math.Min(activity, MostActivity));
    }

    /// <summary>Draws one item.</summary>
    public int DrawItem(ref DrawSequence draws, ClusteredCatalogue catalogue)
    {
        double which = draws.Uniform();
        double uniform = draws.Uniform();
        for (int i = 0; i < Clusters.Length; i++)
        {
            if (which < Weights[i])
                return catalogue.DrawItem(Clusters[i], uniform);
            which -= Weights[i];
        }

        return catalogue.DrawItem(uniform);
    }
}
