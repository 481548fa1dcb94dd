using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>The shape of a <see cref="SampledPassKernel"/>.</summary>
/// <param name="samples">S, draws a context.</param>
/// <param name="dimensionThreads">Threads over the columns of a row.</param>
internal readonly struct SampledShape(int samples, int dimensionThreads)
{
    /// <summary>Draws that a group takes; even.</summary>
    public const int Part = 128;

    /// <summary>Numbers at the head of a part's sums: m, Σ w, Σ w², Σ w r.</summary>
    public const int HeadNumbers = 4;

    /// <summary>S, draws a context.</summary>
    public int Samples { get; } = samples;

    /// <summary>Threads over the columns of a row.</summary>
    public int DimensionThreads { get; } = dimensionThreads;

    /// <summary>Always zero, which compilers of kernels do not know.</summary>
    public int Zero { get; }

    /// <summary>Groups a context.</summary>
    public int Parts => (Samples + Part - 1) / Part;
}

/// <summary>
/// The sums of a self-normalised estimate, each row of β read once: for every part of 128 draws of a context, with
/// m = max ln ω and w = e^{ln ω − m}, ln ω = h·β_a − ln q(a): m, Σ w, Σ w², Σ w r and Σ w β [L], Σ w r β [L].
/// </summary>
/// <remarks>
/// algorithm.md, estimators 3 and 4. β [P, L], h [B, L] → heads [B·parts, 4] and sums [B·parts, teams, 2, stride]. A group
/// takes one part: it draws, scores (a team of threads a row), weighs, and adds up while the rows are still in the cache.
/// <see cref="SampledJoinKernel"/> joins the parts. Bound by memory: S·stride numbers a context. No atomics: the sums have
/// one order. Reference: Estimates.Covariance of the tests.
/// </remarks>
internal static class SampledPassKernel
{
    /// <summary>One group a part: groups B·parts.</summary>
    public static void Run<TLanes, TTeam, TTable, TProposal, TRewards>(
        TTable table, ArrayView<float> queries, BatchView batch, SampledShape shape, TProposal proposal, TRewards rewards,
        ArrayView<float> heads, ArrayView<float> sums)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTeam : struct, ITeam
        where TTable : struct, ITable
        where TProposal : struct, IProposal
        where TRewards : struct, IRewardTable
    {
        ArrayView<int> items = SharedMemory.Allocate<int>(SampledShape.Part);
        ArrayView<float> weights = SharedMemory.Allocate<float>(SampledShape.Part);
        ArrayView<float> rewarded = SharedMemory.Allocate<float>(SampledShape.Part);
        int position = Grid.IdxX / shape.Parts;
        int first = Grid.IdxX % shape.Parts * SampledShape.Part;
        int count = Math.Min(SampledShape.Part, shape.Samples - first);

        proposal.Draw(batch, position, first, count, items, weights);
        Group.Barrier();
        int bits = 0;
        for (int s = Group.IdxX; s < count; s += Group.DimX)
            bits += TTeam.Touch(table, (long)(items[s] < 0 ? ~items[s] : items[s]) * table.Stride);
        if (Group.IdxX < count)
            weights[Group.IdxX] += bits * shape.Zero;
        Group.Barrier();
        Score<TLanes, TTeam, TTable>(table, queries, position, count, items, weights);
        Group.Barrier();

        // Each thread finds the maximum by itself: all read the same few numbers, and none must wait.
        float maximum = weights[0];
        for (int s = 1; s < count; s++)
            maximum = Math.Max(maximum, weights[s]);
        Group.Barrier();
        for (int s = Group.IdxX; s < count; s += Group.DimX)
            weights[s] = DeviceMath.Exp(weights[s] - maximum);
        for (int s = Group.IdxX; s < count; s += Group.DimX)
            rewarded[s] = weights[s] * rewards.At(batch, position, first + s, items[s]);

        Group.Barrier();
        if (Group.IdxX == 0)
            WriteHead(heads, maximum, weights, rewarded, count);
        Accumulate<TLanes, TTable>(table, shape, count, items, weights, rewarded, sums);
    }

    /// <summary>Adds h·β of the items that are still to be scored to their log-weights, and turns ~item into item.</summary>
    internal static void Score<TLanes, TTeam, TTable>(
        TTable table, ArrayView<float> queries, int position, int count, ArrayView<int> items, ArrayView<float> logWeights)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTeam : struct, ITeam
        where TTable : struct, ITable
    {
        ArrayView<float> scores = SharedMemory.Allocate<float>(SampledShape.Part * Lanes16.Count);
        int stride = table.Stride;
        int rank = Group.IdxX % TTeam.Size, teams = Group.DimX / TTeam.Size;
        long query = (long)position * stride;

        // Every team goes through all rounds, with nothing to do in some: the threads of a warp add up together.
        int rounds = (count + teams - 1) / teams;
        for (int round = 0; round < rounds; round++)
        {
            int s = (round * teams) + (Group.IdxX / TTeam.Size);
            int item = s < count ? items[s] : -1;
            TLanes sum = TLanes.Zero;
            if (item >= 0)
            {
                long row = (long)item * stride;
                for (int l = rank * TLanes.Count; l < stride; l += TTeam.Size * TLanes.Count)
                    sum = TLanes.MultiplyAdd(TLanes.Load(queries, query + l), TLanes.LoadRow(table, row + l), sum);
            }

            TTeam.Keep(scores, s, item >= 0, sum);
        }

        Group.Barrier();
        for (int s = Group.IdxX; s < count; s += Group.DimX)
        {
            if (items[s] >= 0)
                logWeights[s] += TTeam.Kept<TLanes>(scores, s);
            else
                items[s] = ~items[s];
        }
    }

    private static void WriteHead(ArrayView<float> heads, float maximum, ArrayView<float> weights, ArrayView<float> rewarded, int count)
    {
        float total = 0, squares = 0, reward = 0;
        for (int s = 0; s < count; s++)
        {
            total += weights[s];
            squares += weights[s] * weights[s];
            reward += rewarded[s];
        }

        long head = (long)Grid.IdxX * SampledShape.HeadNumbers;
        heads[head] = maximum;
        heads[head + 1] = total;
        heads[head + 2] = squares;
        heads[head + 3] = reward;
    }

    private static void Accumulate<TLanes, TTable>(
        TTable table, SampledShape shape, int count, ArrayView<int> items, ArrayView<float> weights, ArrayView<float> rewarded,
        ArrayView<float> sums)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTable : struct, ITable
    {
        int stride = table.Stride;
        int teams = Group.DimX / shape.DimensionThreads, team = Group.IdxX / shape.DimensionThreads;
        if (team >= teams)
            return;
        long place = (((long)Grid.IdxX * teams) + team) * 2 * stride;
        int l = Group.IdxX % shape.DimensionThreads * TLanes.Count;

        // A thread that takes whole rows takes four pieces of one at a time: the same weights serve all of them.
        if (shape.DimensionThreads == 1)
        {
            for (; l + (4 * TLanes.Count) <= stride; l += 4 * TLanes.Count)
                AddFourPieces<TLanes, TTable>(table, team, teams, count, l, items, weights, rewarded, sums, place);
        }

        for (; l < stride; l += shape.DimensionThreads * TLanes.Count)
        {
            TLanes sum = TLanes.Zero, rewardedSum = TLanes.Zero;
            for (int s = team; s < count; s += teams)
            {
                TLanes row = TLanes.LoadRow(table, ((long)items[s] * stride) + l);
                sum = TLanes.MultiplyAdd(weights[s], row, sum);
                if (rewarded[s] != 0)
                    rewardedSum = TLanes.MultiplyAdd(rewarded[s], row, rewardedSum);
            }

            TLanes.Store(sums, place + l, sum);
            TLanes.Store(sums, place + stride + l, rewardedSum);
        }
    }

    private static void AddFourPieces<TLanes, TTable>(
        TTable table, int team, int teams, int count, int column, ArrayView<int> items, ArrayView<float> weights,
        ArrayView<float> rewarded, ArrayView<float> sums, long place)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTable : struct, ITable
    {
        TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, sum2 = TLanes.Zero, sum3 = TLanes.Zero;
        for (int s = team; s < count; s += teams)
        {
            long row = ((long)items[s] * table.Stride) + column;
            float weight = weights[s];
            sum0 = TLanes.MultiplyAdd(weight, TLanes.LoadRow(table, row), sum0);
            sum1 = TLanes.MultiplyAdd(weight, TLanes.LoadRow(table, row + TLanes.Count), sum1);
            sum2 = TLanes.MultiplyAdd(weight, TLanes.LoadRow(table, row + (2 * TLanes.Count)), sum2);
            sum3 = TLanes.MultiplyAdd(weight, TLanes.LoadRow(table, row + (3 * TLanes.Count)), sum3);
        }

        Store(sums, place + column, sum0, sum1, sum2, sum3);
        sum0 = sum1 = sum2 = sum3 = TLanes.Zero;

        // Mostly few are rewarded.
        for (int s = team; s < count; s += teams)
        {
            float weight = rewarded[s];
            if (weight == 0)
                continue;
            long row = ((long)items[s] * table.Stride) + column;
            sum0 = TLanes.MultiplyAdd(weight, TLanes.LoadRow(table, row), sum0);
            sum1 = TLanes.MultiplyAdd(weight, TLanes.LoadRow(table, row + TLanes.Count), sum1);
            sum2 = TLanes.MultiplyAdd(weight, TLanes.LoadRow(table, row + (2 * TLanes.Count)), sum2);
            sum3 = TLanes.MultiplyAdd(weight, TLanes.LoadRow(table, row + (3 * TLanes.Count)), sum3);
        }

        Store(sums, place + table.Stride + column, sum0, sum1, sum2, sum3);
    }

    private static void Store<TLanes>(ArrayView<float> sums, long place, TLanes sum0, TLanes sum1, TLanes sum2, TLanes sum3)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes.Store(sums, place, sum0);
        TLanes.Store(sums, place + TLanes.Count, sum1);
        TLanes.Store(sums, place + (2 * TLanes.Count), sum2);
        TLanes.Store(sums, place + (3 * TLanes.Count), sum3);
    }
}
