using KernelPolicy.DeviceTraining;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>X of a batch, and H = XΘ with its panels.</summary>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.Devices))]
public sealed class ContextTests(DevicePath path) : DeviceFixture(path)
{
    private static readonly int[] Order = [3, 0, 2, 1, 3];

    /// <summary>A mean of n items is a sum of n terms and a quotient: γ_{n+1} of the mean of sizes.</summary>
    [Test]
    public void Histories_are_means([Values(1, 3, 16, 17, 64, 100, 1000, 1025)] int dimension, [Values] ItemPrecision precision)
    {
        NotEmulated(dimension > 100);
        using Matrix items = Seeded.Matrix(1, 50, dimension);
        int[][] histories = [[], [7], [4, 4], [.. Enumerable.Range(0, 23).Select(i => (i * 7) % 50)]];
        float[,] x = Fill(items, precision, new HistoryContexts(SparseRows.FromLists(histories), items));
        double[,] beta = Seeded.Wide(items);
        for (int position = 0; position < Order.Length; position++)
        {
            int[] history = histories[Order[position]];
            for (int l = 0; l < dimension; l++)
            {
                double[] values = [.. history.Select(a => precision == ItemPrecision.Half ? (double)(Half)beta[a, l] : beta[a, l])];
                double size = values.Length == 0 ? 0 : values.Average(Math.Abs), mean = values.Length == 0 ? 0 : values.Average();
                double allowed = history.Length == 1 ? 0 : Close.Gamma(history.Length + 1) * size;
                Assert.That(x[position, l], Is.EqualTo(mean).Within(allowed), $"position {position}, column {l}");
            }
        }
    }

    [Test]
    public void Tables_are_copied_as_they_are([Values(1, 17, 64)] int dimension, [Values] bool isHistoryOfOtherItems)
    {
        using Matrix items = Seeded.Matrix(1, 30, dimension), others = Seeded.Matrix(2, 30, dimension);
        IContextSource source = isHistoryOfOtherItems
            ? new HistoryContexts(SparseRows.FromLists([[0], [5, 6, 7], [], [1, 2]]), others)
            : new DenseContexts(others);
        float[,] x = Fill(items, ItemPrecision.Single, source);
        using Matrix expected = new(Order.Length, dimension);
        for (int position = 0; position < Order.Length; position++)
        {
            source.Fill(Order[position], expected, position);
            Assert.That(
                Enumerable.Range(0, dimension).Select(l => x[position, l]), Is.EqualTo(expected.Row(position).ToArray()), $"position {position}");
        }
    }

    /// <summary>A dot product of L terms: γ_L Σ |x Θ|.</summary>
    [Test]
    public void Projection_and_panels([Values(1, 3, 16, 17, 64, 100, 1000, 1025)] int dimension, [Values(1, 5, 35)] int batch)
    {
        NotEmulated(dimension * batch > 700);
        using Matrix x = Seeded.Matrix(1, batch, dimension), theta = Seeded.Matrix(2, dimension, dimension);
        DeviceMatrix projected = Own(new DeviceMatrix(Device, batch, dimension));
        DeviceArray<float> panels = Room<float>(Panels.Count(batch) * projected.Stride * Panels.Width);
        using (DeviceItems items = new(Device, x, ItemPrecision.Single))
        using (IDeviceContexts contexts = items.Build(new DeviceContextsFactory(new DenseContexts(x), x)))
        {
            contexts.Project(
                Batch([.. Enumerable.Range(0, batch)]),
                Projection(Own(new DeviceMatrix(Device, batch, dimension)), Upload(theta), projected, panels));
        }

        using Matrix h = new(batch, dimension);
        projected.Download(h);
        float[] tiles = Download(panels);
        double[,] wide = Seeded.Wide(theta), sizes = (double[,])wide.Clone();
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j < dimension; j++)
                sizes[i, j] = Math.Abs(sizes[i, j]);
        }

        for (int b = 0; b < batch; b++)
        {
            double[] row = Seeded.Wide(x.Row(b));
            double[] allowed = [.. Linear.Project([.. row.Select(Math.Abs)], sizes).Select(size => Close.Gamma(dimension) * size)];
            Close.Within(h.Row(b), Linear.Project(row, wide), allowed, $"h of context {b}");
            Assert.That(h.PaddedRow(b)[dimension..].ToArray(), Is.All.Zero, "padding");
            Assert.That(
                Enumerable.Range(0, h.Stride).Select(l => tiles[Panels.Offset(b, l, h.Stride)]), Is.EqualTo(h.PaddedRow(b).ToArray()),
                $"panels of context {b}");
        }
    }

    private BatchProjection Projection(DeviceMatrix x, DeviceMatrix theta, DeviceMatrix projected, DeviceArray<float> panels)
    {
        BatchReport report = new(Room<float>((int)x.Rows * BatchReport.Numbers).View, Room<int>((int)x.Rows).View, hasWeights: true);
        return new BatchProjection(x.View, theta.Table, theta.Columns, projected.View, panels.View, report);
    }

    private float[,] Fill(Matrix items, ItemPrecision precision, IContextSource source)
    {
        using DeviceItems deviceItems = new(Device, items, precision);
        using IDeviceContexts contexts = deviceItems.Build(new DeviceContextsFactory(source, items));
        DeviceMatrix x = Own(new DeviceMatrix(Device, Order.Length, items.Columns));
        contexts.Project(
            Batch(Order),
            Projection(
                x, Own(new DeviceMatrix(Device, items.Columns, items.Columns)), Own(new DeviceMatrix(Device, Order.Length, items.Columns)),
                Room<float>(Panels.Count(Order.Length) * x.Stride * Panels.Width)));
        using Matrix host = new(Order.Length, items.Columns);
        x.Download(host);
        float[,] values = new float[Order.Length, items.Columns];
        for (int position = 0; position < Order.Length; position++)
        {
            Assert.That(host.PaddedRow(position)[items.Columns..].ToArray(), Is.All.Zero, "padding");
            for (int l = 0; l < items.Columns; l++)
                values[position, l] = host.Row(position)[l];
        }

        return values;
    }
}
