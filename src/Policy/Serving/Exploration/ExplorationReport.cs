namespace KernelPolicy.Policy;

/// <summary>What one request's exploration says of itself.</summary>
/// <param name="Count">Items served: N, or all that may be shown where they are fewer.</param>
/// <param name="HeadItems">Retrieved items that may be shown.</param>
/// <param name="TailItems">Other items that may be shown.</param>
/// <param name="PerturbedTailItems">Tail items that were scored to draw the slate; 0 but for a softmax.</param>
/// <param name="Missed">Tail items, among those scored for the slate or for the propensities, that score above the least retrieved
/// score by more than the gap. Where there are any, the slate is not an exact draw from the policy.</param>
/// <param name="MissedShare">The share of the policy that such items hold, estimated by the propensities' draws.</param>
public readonly record struct ExplorationReport(
    int Count, int HeadItems, int TailItems, int PerturbedTailItems, int Missed, double MissedShare)
{
    /// <summary>Whether no miss of the index was seen; the draw is exact if there is none (<see cref="KernelPolicy.Kernels.LazyGumbel"/>).</summary>
    public bool NoMissSeen => Missed == 0;
}
