using ILGPU;
using ILGPU.Runtime;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>ln Z and E_π[β] of a batch. Bounds are those of <see cref="ErrorBound.InParts"/>: Z is off by a share ρ, ln Z by
/// ln(1 + ρ), E_π[β] by a share ρ of E_π|β|.</summary>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.Devices))]
public sealed class CataloguePassTests(DevicePath path) : DeviceFixture(path)
{
    [Test]
    public void Catalogues_of_every_remainder([Values(1, 3, 4, 95, 97, 257, 2000)] int catalogue, [Values(1, 5, 17, 64)] int dimension)
    {
        NotEmulated(catalogue > 97 || (catalogue == 95 && dimension > 17));
        using EstimatorCase problem = EstimatorCase.Normal(catalogue, dimension, 5);
        AssertSums(problem, 5);
    }

    [Test]
    public void Batches_of_every_remainder([Values(1, 16, 32, 33, 70)] int batch)
    {
        using EstimatorCase problem = EstimatorCase.Normal(IsEmulated ? 40 : 500, 5, batch);
        AssertSums(problem, batch);
    }

    [Test]
    public void Long_rows([Values(100, 1000, 1025)] int dimension)
    {
        NotEmulated();
        using EstimatorCase problem = EstimatorCase.Normal(300, dimension, 3);
        AssertSums(problem, 3);
    }

    [Test]
    public void Scores_of_a_thousand()
    {
        using EstimatorCase problem = EstimatorCase.Representable(IsEmulated ? 60 : 600, 7, 4, largest: 2200);
        AssertSums(problem, 4, scoresAreExact: true);
    }

    private void AssertSums(EstimatorCase problem, int batch, bool scoresAreExact = false)
    {
        using DeviceItems items = new(Device, problem.Items, ItemPrecision.Single);
        using ICatalogueSums pass = items.Build(new SumsFactory(problem.Catalogue, problem.Dimension, batch));
        pass.Run(UploadPanels(problem.Projected).View, batch);
        double[] logPartition = new double[batch];
        float[] means = new float[batch * problem.Items.Stride];
        pass.LogPartition.CopyToCPU(logPartition);
        pass.MeanItems.CopyToCPU(means);
        double[,] sizes = (double[,])problem.Beta.Clone();
        for (int a = 0; a < problem.Catalogue; a++)
        {
            for (int l = 0; l < problem.Dimension; l++)
                sizes[a, l] = Math.Abs(sizes[a, l]);
        }

        for (int c = 0; c < batch; c++)
        {
            double rho = ErrorBound.InParts(problem, c, problem.Catalogue, 0, scoresAreExact);
            double expected = Softmax.LogSumExp(problem.Scores[c]);
            Assert.That(logPartition[c], Is.EqualTo(expected).Within(rho + (4e-16 * Math.Abs(expected))), $"ln Z of context {c}");
            double[] allowed = [.. Estimates.MeanItem(problem.Scores[c], sizes).Select(size => (rho * size) + Math.Pow(2, -110))];
            Close.Within(
                means.AsSpan(c * problem.Items.Stride, problem.Dimension), Estimates.MeanItem(problem.Scores[c], problem.Beta), allowed,
                $"E[β] of context {c}");
            Assert.That(
                means.AsSpan((c * problem.Items.Stride) + problem.Dimension, problem.Items.Stride - problem.Dimension).ToArray(), Is.All.Zero, "padding");
        }
    }

    /// <summary>A <see cref="CataloguePass{TLanes, TTable, TKeeping}"/> of any types.</summary>
    private interface ICatalogueSums : IDisposable
    {
        ArrayView<double> LogPartition { get; }

        ArrayView<float> MeanItems { get; }

        void Run(ArrayView<float> panels, int count);
    }

    private sealed class SumsFactory(int items, int dimension, int batch) : IKernelFactory<ICatalogueSums>
    {
        public ICatalogueSums Create<TLanes, TTeam, TTable>(ComputeDevice device, TTable table)
            where TLanes : unmanaged, ILanes<TLanes>
            where TTeam : struct, ITeam
            where TTable : struct, ITable =>
            new Sums<TLanes, TTable>(new CataloguePass<TLanes, TTable, KeepNone>(device, table, items, dimension, batch));
    }

    private sealed class Sums<TLanes, TTable>(CataloguePass<TLanes, TTable, KeepNone> pass) : ICatalogueSums
        where TLanes : unmanaged, ILanes<TLanes>
        where TTable : struct, ITable
    {
        public ArrayView<double> LogPartition => pass.LogPartition;

        public ArrayView<float> MeanItems => pass.MeanItems;

        public void Run(ArrayView<float> panels, int count) => pass.Run(panels, count);

        public void Dispose() => pass.Dispose();
    }
}
