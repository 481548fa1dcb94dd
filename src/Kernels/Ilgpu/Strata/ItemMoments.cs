using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Sums over the whole catalogue as kernels read them: see <see cref="CatalogueMoments"/>.</summary>
/// <param name="sum">s [1, L].</param>
/// <param name="product">M [L, L].</param>
/// <param name="squaredNorms">‖β_a‖² [P].</param>
/// <param name="dimension">L.</param>
internal readonly struct ItemMoments(FloatTable sum, FloatTable product, ArrayView<float> squaredNorms, int dimension)
{
    private readonly FloatTable _product = product;
    private readonly int _dimension = dimension;

    /// <summary>s.</summary>
    public FloatTable Sum { get; } = sum;

    /// <summary>‖β_a‖² [P].</summary>
    public ArrayView<float> SquaredNorms { get; } = squaredNorms;

    /// <summary>Σ_a f_a = h·s; every thread of the group takes part.</summary>
    public double ScoreSum(ArrayView<double> room, ArrayView<float> queries, int position)
    {
        long row = (long)position * Sum.Stride;
        double part = 0;
        for (int l = Group.IdxX; l < _dimension; l += Group.DimX)
            part += (double)queries[row + l] * Sum.At(l);
        GroupSums.Put(room, 0, part);
        GroupSums.Join(room, 1);
        return GroupSums.Take(room, 0);
    }

    /// <summary>Columns of M h from <paramref name="column"/> on.</summary>
    public TLanes ProductByQuery<TLanes>(ArrayView<float> queries, int position, int column)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int stride = _product.Stride;
        long row = (long)position * stride;
        TLanes sum = TLanes.Zero;
        for (int i = 0; i < _dimension; i++)
            sum = TLanes.MultiplyAdd(queries[row + i], TLanes.LoadRow(_product, ((long)i * stride) + column), sum);
        return sum;
    }
}

/// <summary>The memory behind <see cref="ItemMoments"/>.</summary>
internal sealed class DeviceMoments : IDisposable
{
    private readonly DeviceMatrix _sum;
    private readonly DeviceMatrix _product;
    private readonly DeviceArray<float> _squaredNorms;

    /// <summary>Copies them.</summary>
    public DeviceMoments(ComputeDevice device, CatalogueMoments moments)
    {
        _sum = DeviceMatrix.From(device, moments.Sum);
        _product = DeviceMatrix.From(device, moments.Product);
        _squaredNorms = new DeviceArray<float>(device, moments.Catalogue);
        _squaredNorms.Upload(moments.SquaredNorms);
    }

    /// <summary>The sums as kernels see them.</summary>
    public ItemMoments View => new(_sum.Table, _product.Table, _squaredNorms.View, _sum.Columns);

    /// <inheritdoc/>
    public void Dispose()
    {
        _sum.Dispose();
        _product.Dispose();
        _squaredNorms.Dispose();
    }
}
