namespace KernelPolicy.Kernels;

/// <summary>What one draw by lazy Gumbel noise says of itself.</summary>
/// <param name="Count">Items drawn: N, or all there are.</param>
/// <param name="TailDraws">Tail items whose noise exceeded the threshold, and which were scored.</param>
/// <param name="Missed">Those among them that score above the bound: each proves that the index missed an item by more than the
/// gap, and that this draw is not one from the policy. 0 proves nothing.</param>
public readonly record struct LazyGumbelReport(int Count, int TailDraws, int Missed);
