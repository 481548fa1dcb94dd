namespace KernelPolicy.Policy;

/// <summary>Whose draws the tail of a context is made of.</summary>
public enum TailSharing
{
    /// <summary>One tail serves the whole batch: its rows are read once.</summary>
    Batch,

    /// <summary>Each context draws its own: errors of a batch's contexts are independent.</summary>
    Context,
}

/// <summary>
/// Strata: the top K and the items of known reward summed exactly, the rest estimated by l uniform draws. No ε, an error bar with
/// every estimate; practically the exact gradient (algorithm.md, item 5).
/// </summary>
/// <param name="TopK">K, items retrieved; the catalogue's size where that is less. At 0 no index is asked, and only items of known
/// reward are summed exactly.</param>
/// <param name="Tail">l, uniform draws a context or a batch; the whole catalogue is summed where it is no larger. With a budget,
/// the draws that each batch starts with.</param>
/// <param name="Sharing">Whose draws these are.</param>
/// <param name="Control">Whether a linear control variate takes the noise of the flat phase.</param>
/// <param name="RelativeError">A budget: the error of a batch's g, √(Σ E‖ĝ − Eĝ‖² / Σ‖ĝ‖²), that the tail is lengthened to meet, above
/// 0; or null. The index is then asked only for batches that need it.</param>
/// <param name="LongestTail">The most draws that a budget may come to.</param>
public sealed record StrataOptions(
    int TopK = 64, int Tail = 128, TailSharing Sharing = TailSharing.Batch, bool Control = true, double? RelativeError = null,
    int LongestTail = 8192) : EstimatorOptions
{
    /// <summary>What is done with the head of an earlier visit to the same context. Any reuse keeps [N, K] item numbers.</summary>
    public HeadReuse Reuse { get; init; }

    /// <summary>Visits from one search to the next, where earlier heads stand in for it; at least 2.</summary>
    public int SearchEvery { get; init; } = 4;

    /// <summary>The share of the policy, by the tail's draws, that earlier heads of a batch may miss on average before they are
    /// searched anew.</summary>
    public double LargestMiss { get; init; } = 0.01;

    /// <inheritdoc/>
    public override int RetrievedItems => TopK;

    /// <inheritdoc/>
    public override void Validate()
    {
        if (TopK is < 0 or > 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(TopK), TopK, "K must lie in 0 to 1,000,000.");
        if (Tail is < 1 or > 10_000_000)
            throw new ArgumentOutOfRangeException(nameof(Tail), Tail, "l must lie in 1 to 10,000,000.");
        if (!Enum.IsDefined(Reuse))
            throw new ArgumentOutOfRangeException(nameof(Reuse), Reuse, "There is no such reuse of heads.");
        if (SearchEvery < 2)
            throw new ArgumentOutOfRangeException(nameof(SearchEvery), SearchEvery, "From search to search there must be at least 2 visits.");
        if (!(LargestMiss is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(LargestMiss), LargestMiss, "The largest miss must lie in [0, 1].");
        if (RelativeError is { } error && !(error > 0 && double.IsFinite(error)))
            throw new ArgumentOutOfRangeException(nameof(RelativeError), error, "The relative error must be above 0 and finite.");
        if (RelativeError is not null && (LongestTail < Tail || LongestTail > 10_000_000))
            throw new ArgumentOutOfRangeException(nameof(LongestTail), LongestTail, $"The longest tail must lie in {Tail} (the first one) to 10,000,000.");
    }
}
