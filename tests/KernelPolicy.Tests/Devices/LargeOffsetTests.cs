using ILGPU;
using ILGPU.Runtime;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>Catalogues with more than 2^31 numbers: kernels read a table whose numbers are computed from the offset, so that
/// none of the memory is needed.</summary>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.Devices))]
public sealed class LargeOffsetTests(DevicePath path) : DeviceFixture(path)
{
    /// <summary>40,000,000 rows of 64 numbers: draws from both sides of 2^31 numbers, and the last item.</summary>
    [Test]
    public void Sampled_pass()
    {
        const int Catalogue = 40_000_000, Stride = 64;
        int[] draws = [0, 1, (1 << 25) - 1, 1 << 25, (1 << 25) + 1, 1 << 26 >> 1, Catalogue - 2, Catalogue - 1, 39_999_000, 7];
        float[] h = new float[Stride], rewards = [.. draws.Select((_, s) => (float)(s % 3))];
        (h[0], h[1], h[63]) = (0.5f, 1, -0.25f);
        Assert.That((long)(Catalogue - 1) * Stride, Is.GreaterThan(1L << 31));
        using ILargePass pass = Device.Style.Build(new LargePassFactory(draws.Length), Device, new ComputedTable(Stride));
        DeviceArray<float> g = Room<float>(Stride), report = Room<float>(BatchReport.Numbers);
        pass.Run(
            Batch([0]), Upload<float>(h).View,
            new GivenDraws(Upload<int>(draws).View, Room<float>(draws.Length).View, draws.Length),
            new GivenRewards(Upload<float>(rewards).View, draws.Length), g.View, new BatchReport(report.View, Room<int>(1).View, hasWeights: true));

        double[,] beta = new double[draws.Length, Stride];
        for (int s = 0; s < draws.Length; s++)
        {
            for (int l = 0; l < Stride; l++)
                beta[s, l] = ComputedTable.Number(draws[s], l);
        }

        // Sums of at most ten terms over scores that are exact.
        int[] places = [.. Enumerable.Range(0, draws.Length)];
        double[] r = Seeded.Wide(rewards), f = Linear.Scores(Seeded.Wide(h), beta), w = Softmax.Weights(f);
        double rho = ErrorBound.Relative(0, draws.Length, f.Max(Math.Abs));
        Close.Within(Download(g), Estimates.Covariance(places, w, r, beta), ErrorBound.Covariance(places, w, r, beta, rho), "g");
    }

    /// <summary>40,000 rows of 65,536 numbers, of which all but a few are zero: every group's maximum, the choice among them
    /// and their scores.</summary>
    [Test]
    public void Top_items()
    {
        const int Catalogue = 40_000, Stride = 1 << 16, K = 3;
        Assert.That((long)(Catalogue - 1) * Stride, Is.GreaterThan(1L << 31));
        using Matrix queries = new(2, Stride);
        (queries.Row(0)[2], queries.Row(0)[3]) = (-1, 1);
        (queries.Row(1)[0], queries.Row(1)[3]) = (1, 1);
        using IItemScan scan = Device.Style.Build(new ItemScanFactory(Catalogue, 16, 2, K), Device, new ComputedTable(Stride));
        using DeviceTopK top = new(Device, 2, K);
        scan.Run(Upload(queries).View, UploadPanels(queries).View, 2, top);
        int[] items = new int[2 * K], found = new int[2];
        float[] scores = new float[2 * K];
        top.Download(items, scores, found);
        for (int query = 0; query < 2; query++)
        {
            float[] h = queries.Row(query)[..16].ToArray();
            double[] f = [.. Enumerable.Range(0, Catalogue).Select(a => h.Select((value, l) => value * (double)ComputedTable.Number(a, l)).Sum())];
            int[] expected = TopItems.Of(f, K);
            Assert.That(expected.Max(), Is.GreaterThan(1 << 15), "beyond 2^31 numbers");
            Assert.That(items.AsSpan(query * K, K).ToArray(), Is.EqualTo(expected), $"query {query}");
            Assert.That(scores.AsSpan(query * K, K).ToArray(), Is.EqualTo(expected.Select(a => (float)f[a])));
        }
    }

    [Test]
    public void Histories()
    {
        const int Stride = 64;
        int[] history = [39_999_999, 1 << 25, 3];
        CompressedRows rows = new(Upload<long>([0, history.Length]).View, Upload<int>(history).View);
        DeviceArray<float> x = Room<float>(Stride);
        BatchProjection projection = new(
            x.View, new FloatTable(Room<float>(Stride * Stride).View, Stride), Stride, Room<float>(Stride).View,
            Room<float>(Stride * Panels.Width).View, new BatchReport(Room<float>(BatchReport.Numbers).View, Room<int>(1).View, hasWeights: true));
        using IDisposable launch = Device.Style.Build(new HistoriesFactory(rows, Batch([0]), projection), Device, new ComputedTable(Stride));
        double[] expected = [.. Enumerable.Range(0, Stride).Select(l => history.Average(a => (double)ComputedTable.Number(a, l)))];
        double[] sizes = [.. Enumerable.Range(0, Stride).Select(l => Close.Gamma(4) * history.Average(a => Math.Abs((double)ComputedTable.Number(a, l))))];
        Close.Within(Download(x), expected, sizes, "x");
    }

    private interface ILargePass : IDisposable
    {
        void Run(BatchView batch, ArrayView<float> queries, GivenDraws draws, GivenRewards rewards, ArrayView<float> gradients, BatchReport report);
    }

    private sealed class LargePassFactory(int samples) : IKernelFactory<ILargePass>
    {
        public ILargePass Create<TLanes, TTeam, TTable>(ComputeDevice device, TTable items)
            where TLanes : unmanaged, ILanes<TLanes>
            where TTeam : struct, ITeam
            where TTable : struct, ITable => new LargePass<TLanes, TTeam, TTable>(new(device, items, samples, 1));
    }

    private sealed class LargePass<TLanes, TTeam, TTable>(SampledPass<TLanes, TTeam, TTable, GivenDraws, GivenRewards> pass) : ILargePass
        where TLanes : unmanaged, ILanes<TLanes>
        where TTeam : struct, ITeam
        where TTable : struct, ITable
    {
        public void Run(
            BatchView batch, ArrayView<float> queries, GivenDraws draws, GivenRewards rewards, ArrayView<float> gradients, BatchReport report) =>
            pass.Run(batch, queries, draws, rewards, null, gradients, report);

        public void Dispose() => pass.Dispose();
    }

    private sealed class HistoriesFactory(CompressedRows rows, BatchView batch, BatchProjection projection) : IKernelFactory<IDisposable>
    {
        public IDisposable Create<TLanes, TTeam, TTable>(ComputeDevice device, TTable items)
            where TLanes : unmanaged, ILanes<TLanes>
            where TTeam : struct, ITeam
            where TTable : struct, ITable
        {
            Action<KernelConfig, TTable, CompressedRows, BatchView, BatchProjection> kernel =
                device.Accelerator.LoadStreamKernel<TTable, CompressedRows, BatchView, BatchProjection>(ContextKernels.Histories<TLanes, TTable>);
            kernel(new KernelConfig(1, device.Style.GroupSize), items, rows, batch, projection);
            return new MemoryStream();
        }
    }
}

/// <summary>A table whose numbers are computed from their 64-bit place; an offset that lost its upper half gives others.</summary>
internal readonly struct ComputedTable(int stride) : ITable
{
    public int Stride { get; } = stride;

    public float At(long offset) => Number(offset / Stride, (int)(offset % Stride));

    public int Bits(long offset) => (int)At(offset);

    public Lanes4 Four(long offset) => Lanes4.Of(At(offset), At(offset + 1), At(offset + 2), At(offset + 3));

    /// <summary>Sixteenths: whole numbers below 1009 of them in the first three columns and the last of 64, in the fourth the row
    /// below 65,536, else zero.</summary>
    public static float Number(long row, int column)
    {
        if (column > 3 && column != 63)
            return 0;
        if (column == 3)
            return (row % 65536) / 16f;
        long mixed = (row * 7919) + (column * 104729L) + (row / 977);
        return (mixed % 1009) / 16f;
    }
}
