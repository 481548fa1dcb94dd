namespace KernelPolicy.Policy;

/// <summary>Σ_a π_a r(a, x) over a catalogue, block by block.</summary>
internal static class CatalogueMean
{
    private const int BlockItems = 256;

    /// <summary>The mean of a model under given probabilities.</summary>
    /// <param name="model">r.</param>
    /// <param name="context">x.</param>
    /// <param name="catalogue">P.</param>
    /// <param name="probabilities">π [P]; empty for 1/P each.</param>
    public static double Of(IRewardSource model, int context, int catalogue, ReadOnlySpan<double> probabilities)
    {
        Span<int> items = stackalloc int[BlockItems];
        Span<float> rewards = stackalloc float[BlockItems];
        ReadOnlySpan<int> sparse = model.IsSparse ? model.RewardedItems(context) : [];
        int count = model.IsSparse ? sparse.Length : catalogue;
        double sum = 0;
        for (int first = 0; first < count; first += BlockItems)
        {
            int n = Math.Min(BlockItems, count - first);
            for (int i = 0; i < n; i++)
                items[i] = model.IsSparse ? sparse[first + i] : first + i;
            model.Fill(context, items[..n], rewards[..n]);
            for (int i = 0; i < n; i++)
                sum += rewards[i] * (probabilities.IsEmpty ? 1 : probabilities[items[i]]);
        }

        return probabilities.IsEmpty ? sum / catalogue : sum;
    }
}
