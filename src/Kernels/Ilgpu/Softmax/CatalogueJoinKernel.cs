using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// Joins the pieces of a <see cref="CataloguePassKernel"/>: M = max m, ln Z = M + ln Σ e^{m−M} Σ e^{f−m} [B] and
/// E_π[β] = Σ e^{m−M} Σ e^{f−m} β / Z [B, L].
/// </summary>
/// <remarks>Pieces are added in order, Z in double precision. One group a set of 32 queries and column.</remarks>
internal static class CatalogueJoinKernel
{
    /// <summary>Groups: sets·stride, one a column.</summary>
    public static void Run(
        ArrayView<float> sums, CatalogueShape shape, int stride, ArrayView<double> logPartition, ArrayView<float> meanItems)
    {
        int set = Grid.IdxX / stride, column = Grid.IdxX % stride;
        for (int lane = Group.IdxX; lane < CatalogueShape.Width; lane += Group.DimX)
        {
            int query = (set * CatalogueShape.Width) + lane;
            if (query >= shape.Queries)
                continue;
            float maximum = float.NegativeInfinity;
            for (int piece = 0; piece < shape.Pieces; piece++)
                maximum = Math.Max(maximum, sums[shape.Place(piece, set) + lane]);
            double total = 0, sum = 0;
            for (int piece = 0; piece < shape.Pieces; piece++)
            {
                long place = shape.Place(piece, set) + lane;
                float scale = DeviceMath.Exp(sums[place] - maximum);
                total += scale * sums[place + CatalogueShape.Width];
                if (column < shape.Dimension)
                    sum += scale * sums[place + ((2 + column) * CatalogueShape.Width)];
            }

            meanItems[((long)query * stride) + column] = (float)(sum / total);
            if (column == 0)
                logPartition[query] = maximum + DeviceMath.Log(total);
        }
    }
}
