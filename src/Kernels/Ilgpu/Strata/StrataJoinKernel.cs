using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// Joins the parts of a <see cref="StrataSumsKernel"/>: β̄ = V/Ẑ, g = (Σ_H z β + ((P − |H|)/l') Σ_T z β + the line's own part)/Ẑ [B, L],
/// ‖g‖² and the estimate of E‖ĝ − Eĝ‖²; and adds what the context says of itself to the sums of its position.
/// </summary>
/// <remarks>
/// algorithm.md, item 5, as <see cref="StrataGradient"/> and its error. One group a context. Parts are added in order. M h is made here,
/// 2·L² operations a context. Reference: StrataEstimate of the tests.
/// </remarks>
internal static class StrataJoinKernel
{
    /// <summary>Groups: one a context.</summary>
    public static void Run<TLanes>(
        ArrayView<float> queries, StrataItems strata, StrataTerms terms, StrataShape shape, ItemMoments moments, ArrayView<float> gradients,
        BatchReport report, ArrayView<StrataNote> notes)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        ArrayView<double> room = SharedMemory.Allocate<double>(GroupSums.Room);
        int position = Grid.IdxX, stride = moments.Sum.Stride;
        StrataCounts counts = strata.Counts[position];
        StrataFigures figures = terms.Figures[position];
        long row = (long)position * stride;
        float inverse = (float)(1 / figures.Partition), scale = (float)figures.Scale;
        double meanSquare = 0, square = 0, meanByGradient = 0, crossed = 0, deviation = 0;
        for (int l = Group.IdxX * TLanes.Count; l < stride; l += Group.DimX * TLanes.Count)
        {
            TLanes ofZ = Sum<TLanes>(terms, shape, counts, stride, 0, l, isTail: true);
            TLanes ofY = Sum<TLanes>(terms, shape, counts, stride, 1, l, isTail: true);
            TLanes gradient = TLanes.MultiplyAdd(scale, ofZ, Sum<TLanes>(terms, shape, counts, stride, 0, l, isTail: false));
            TLanes mean = TLanes.MultiplyAdd(scale, ofY, Sum<TLanes>(terms, shape, counts, stride, 1, l, isTail: false));
            if (figures.Weights.Intercept != 0 || figures.Weights.Slope != 0)
            {
                TLanes sum = TLanes.LoadRow(moments.Sum, l), product = moments.ProductByQuery<TLanes>(queries, position, l);
                gradient = Add(figures.Rewarded, sum, product, gradient);
                mean = Add(figures.Weights, sum, product, mean);
            }

            gradient = TLanes.Multiply(TLanes.Splat(inverse), gradient);
            mean = TLanes.Multiply(TLanes.Splat(inverse), mean);
            TLanes.Store(gradients, row + l, gradient);
            if (!DeviceMath.IsFinite(TLanes.Sum(gradient)))
                report.NoteFault(position);
            TLanes phi = TLanes.MultiplyAdd(-(float)figures.Z, mean, TLanes.MultiplyAdd(-(float)figures.Y, gradient, ofZ));
            TLanes ofSquares = Sum<TLanes>(terms, shape, counts, stride, 2, l, isTail: true);
            TLanes ofProducts = Sum<TLanes>(terms, shape, counts, stride, 3, l, isTail: true);
            meanSquare += TLanes.Sum(TLanes.Multiply(mean, mean));
            square += TLanes.Sum(TLanes.Multiply(gradient, gradient));
            meanByGradient += TLanes.Sum(TLanes.Multiply(mean, gradient));
            crossed += TLanes.Sum(TLanes.MultiplyAdd(ofSquares, mean, TLanes.Multiply(ofProducts, gradient)));
            deviation += TLanes.Sum(TLanes.Multiply(phi, phi));
        }

        GroupSums.Put(room, 0, meanSquare);
        GroupSums.Put(room, 1, square);
        GroupSums.Put(room, 2, meanByGradient);
        GroupSums.Put(room, 3, crossed);
        GroupSums.Put(room, 4, deviation);
        GroupSums.Join(room, 5);
        if (Group.IdxX != 0)
            return;
        report.Write(position, (float)figures.Reward, (float)figures.SampleSize, (float)figures.LargestDraw);
        StrataNote note = notes[position];
        note.PartitionVariance += figures.PartitionVariance;
        note.GradientVariance += Variance(room, shape, counts, figures);
        note.GradientSquare += GroupSums.Take(room, 1);
        note.TailDraws += counts.Tail;
        note.HeadItems += counts.Head;
        note.Missed += figures.Missed;
        notes[position] = note;
    }

    // Σ‖φ − φ̄‖² / l'(l' − 1), put together from the sums (see the remarks of the SIMD kernel's error).
    private static double Variance(ArrayView<double> room, StrataShape shape, StrataCounts counts, StrataFigures figures)
    {
        double n = counts.Tail, share = (shape.Catalogue - counts.Head) / figures.Partition;
        double meanSquare = GroupSums.Take(room, 0), square = GroupSums.Take(room, 1), meanByGradient = GroupSums.Take(room, 2);
        double squares = figures.ZNorms + (figures.ZSquares * meanSquare) + (2 * figures.Products * meanByGradient)
            + (figures.YSquares * square) - (2 * GroupSums.Take(room, 3));
        double variance = share * share * Math.Max(0, squares - (GroupSums.Take(room, 4) / n)) / (n * (n - 1));
        return counts.IsWhole != 0 ? 0 : n < 2 ? double.PositiveInfinity : variance;
    }

    private static TLanes Add<TLanes>(DeviceLine line, TLanes sum, TLanes product, TLanes total)
        where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.MultiplyAdd((float)line.Intercept, sum, TLanes.MultiplyAdd((float)line.Slope, product, total));

    private static TLanes Sum<TLanes>(
        StrataTerms terms, StrataShape shape, StrataCounts counts, int stride, int vector, int column, bool isTail)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        // As many as StrataSumsKernel made of the same group.
        int teams = Group.DimX / shape.DimensionThreads;
        long first = ((long)Grid.IdxX * shape.Parts) + (isTail ? shape.HeadParts : 0);
        int parts = ((isTail ? counts.Tail : counts.Head) + SampledShape.Part - 1) / SampledShape.Part;
        TLanes sum = TLanes.Zero;
        long place = (first * teams * StrataSumsKernel.Vectors * stride) + ((long)vector * stride) + column;
        for (long i = 0; i < (long)parts * teams; i++)
            sum = TLanes.Add(sum, TLanes.Load(terms.Sums, place + (i * StrataSumsKernel.Vectors * stride)));
        return sum;
    }
}

/// <summary>Sums over the contexts that stood at one position of a batch.</summary>
internal struct StrataNote
{
    /// <summary>Σ of the squared standard errors of Ẑ, each as a share of its Ẑ.</summary>
    public double PartitionVariance;

    /// <summary>Σ E‖ĝ − Eĝ‖², as estimated.</summary>
    public double GradientVariance;

    /// <summary>Σ ‖ĝ‖².</summary>
    public double GradientSquare;

    /// <summary>Σ l'.</summary>
    public double TailDraws;

    /// <summary>Σ |H|.</summary>
    public double HeadItems;

    /// <summary>Draws that scored above the least of the retrieved items.</summary>
    public double Missed;
}
