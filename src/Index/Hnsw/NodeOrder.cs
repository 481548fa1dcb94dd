using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// The numbering of the nodes: the longest items first, longest first, then the others by the centre that they are nearest
/// to. What a walk reads together then lies together.
/// </summary>
/// <remarks>
/// Centres are √P items drawn by the seed; one exact search of them for all items costs less than a hundredth of the build.
/// </remarks>
internal static class NodeOrder
{
    private const int LeastNodesToSort = 4096;
    private const int ItemsAtOnce = 4096;

    /// <summary>Item of each node [N].</summary>
    /// <param name="items">β [P, L].</param>
    /// <param name="isNode">Which items are nodes [P].</param>
    /// <param name="squares">Squared norms [P].</param>
    /// <param name="starts">How many of the longest come first.</param>
    /// <param name="seed">Draws the centres.</param>
    /// <param name="team">Threads to use.</param>
    public static int[] Make(
        Matrix items, bool[] isNode, ReadOnlySpan<float> squares, int starts, ulong seed, WorkerTeam team)
    {
        int[] nodes = [.. Enumerable.Range(0, isNode.Length).Where(item => isNode[item])];
        ulong[] keys = new ulong[nodes.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = ~Candidate.Pack(squares[nodes[i]], nodes[i]);
        Array.Sort(keys, nodes);
        Span<int> others = nodes.AsSpan(Math.Min(starts, nodes.Length));
        others.Sort();
        if (others.Length >= LeastNodesToSort)
            SortByCentre(items, others, seed, team);
        return nodes;
    }

    private static void SortByCentre(Matrix items, Span<int> nodes, ulong seed, WorkerTeam team)
    {
        int count = (int)Math.Sqrt(nodes.Length);
        using Matrix centres = new(count, items.Columns + 1);
        RandomDraws draws = new(seed, RandomPurpose.Index, 2, 0);
        for (int centre = 0; centre < count; centre++)
        {
            Span<float> row = centres.Row(centre);
            Span<float> item = items.Row(nodes[(int)(draws.Uniform((uint)centre) * nodes.Length)]);
            item.CopyTo(row);
            double square = 0;
            foreach (float value in item)
                square += (double)value * value;

            // The nearest centre of b is that of the largest c·b − |c|²/2.
            row[^1] = (float)(-0.5 * square);
        }

        using TopKScan scan = new();
        using Matrix queries = new(ItemsAtOnce, items.Columns + 1);
        TopK nearest = new(ItemsAtOnce, 1);
        int[] centreOf = new int[nodes.Length];
        for (int first = 0; first < nodes.Length; first += ItemsAtOnce)
        {
            int n = Math.Min(ItemsAtOnce, nodes.Length - first);
            for (int i = 0; i < n; i++)
            {
                items.Row(nodes[first + i]).CopyTo(queries.Row(i));
                queries.Row(i)[^1] = 1;
            }

            scan.Run(centres, queries, n, 1, nearest, team);
            for (int i = 0; i < n; i++)
                centreOf[first + i] = nearest.Items(i)[0];
        }

        ulong[] keys = new ulong[nodes.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = ((ulong)centreOf[i] << 32) | (uint)nodes[i];
        keys.AsSpan().Sort();
        for (int i = 0; i < keys.Length; i++)
            nodes[i] = (int)(uint)keys[i];
    }
}
