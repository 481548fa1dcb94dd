namespace KernelPolicy.Kernels;

/// <summary>Uniform draws from the catalogue: the proposal with ε = 1, q(a) = 1/P.</summary>
public static class UniformProposal
{
    /// <summary>Draws items with replacement; draw s of the sequence gives item s.</summary>
    /// <param name="draws">The sequence of this (seed, step, context).</param>
    /// <param name="catalogue">P, at least 1.</param>
    /// <param name="items">Receives S items.</param>
    public static void Draw(in RandomDraws draws, int catalogue, Span<int> items)
    {
        int s = 0;
        for (; s + 2 <= items.Length; s += 2)
        {
            (ulong even, ulong odd) = draws.Pair((uint)s >> 1);
            items[s] = RandomDraws.ToBelow(even, catalogue);
            items[s + 1] = RandomDraws.ToBelow(odd, catalogue);
        }

        if (s < items.Length)
            items[s] = draws.Below((uint)s, catalogue);
    }
}
