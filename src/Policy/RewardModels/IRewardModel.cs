namespace KernelPolicy.Policy;

/// <summary>A model r_M(a, x) of the reward of any item in the contexts of a log.</summary>
/// <remarks>Pure and safe for concurrent calls. A model that allocates nothing when asked, once each thread has asked it, keeps
/// training steps from allocating.</remarks>
public interface IRewardModel
{
    /// <summary>Number of contexts, N.</summary>
    int Count { get; }

    /// <summary>Writes r_M(a, x) of the given items [n].</summary>
    void Predict(int context, ReadOnlySpan<int> items, Span<float> rewards);
}
