namespace KernelPolicy.Data;

/// <summary>Shape of a synthetic log of interactions.</summary>
/// <remarks>The defaults give item factors VΣ whose norms are as heavy-tailed as those of real data.</remarks>
public sealed record SyntheticOptions
{
    /// <summary>Items in the catalogue, at least 10. Some of the rarest may never be drawn; they stay in the catalogue.</summary>
    public int Items { get; init; } = 20_000;

    /// <summary>Users, at least 10.</summary>
    public int Users { get; init; } = 10_000;

    /// <summary>Names the draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Latent clusters of items, from 1 to the number of items.</summary>
    public int Clusters { get; init; } = 50;

    /// <summary>Most clusters that a user likes, at least 1; each user likes 1 to this many, in random proportions.</summary>
    public int ClustersPerUser { get; init; } = 2;

    /// <summary>Mean number of draws a user, repeats included; at least 5.</summary>
    public double MeanDraws { get; init; } = 40;

    /// <summary>Share of draws that follow popularity alone, whatever the user likes; from 0 to 1.</summary>
    public double BackgroundShare { get; init; } = 0.2;

    /// <summary>Exponent s of the popularity (rank + 1 + shift)^−s (Zipf and Mandelbrot), at least 0.</summary>
    public double ZipfExponent { get; init; } = 0.75;

    /// <summary>Shift in the popularity (rank + 1 + shift)^−s, at least 0: flattens the top of the list.</summary>
    public double ZipfShift { get; init; } = 3;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Items, 10);
        ArgumentOutOfRangeException.ThrowIfLessThan(Users, 10);
        ArgumentOutOfRangeException.ThrowIfLessThan(Clusters, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Clusters, Items);
        ArgumentOutOfRangeException.ThrowIfLessThan(ClustersPerUser, 1);
        ThrowIfOutside(MeanDraws, 5, 500, nameof(MeanDraws));
        ThrowIfOutside(BackgroundShare, 0, 1, nameof(BackgroundShare));
        ThrowIfOutside(ZipfExponent, 0, 10, nameof(ZipfExponent));
        ThrowIfOutside(ZipfShift, 0, 1e9, nameof(ZipfShift));
    }

    private static void ThrowIfOutside(double value, double low, double high, string option)
    {
        if (!(value >= low && value <= high))
            throw new ArgumentOutOfRangeException(option, value, $"{option} must be from {low} to {high}.");
    }
}
