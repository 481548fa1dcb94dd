using KernelPolicy.DeviceTraining;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;

namespace KernelPolicy.Tests.Devices;

/// <summary>What an estimator says of one batch.</summary>
/// <param name="Gradients">g of each context.</param>
/// <param name="Statistics">The means over the batch.</param>
/// <param name="Heads">The top K that the method was given; empty where it asks for none.</param>
internal sealed record Estimation(float[][] Gradients, BatchStatistics Statistics, (int[] Items, float[] Scores)[] Heads)
{
    /// <summary>Runs an estimator once, on a device or by the SIMD kernels.</summary>
    /// <param name="device">The device; null for the SIMD kernels.</param>
    /// <param name="problem">β and h.</param>
    /// <param name="options">The method.</param>
    /// <param name="rewards">r̂.</param>
    /// <param name="batch">Contexts, step and seed.</param>
    /// <param name="precision">How the device keeps β.</param>
    /// <param name="asksHost">Whether the top K comes from the index of the host.</param>
    public static Estimation Run(
        ComputeDevice? device, EstimatorCase problem, EstimatorOptions options, IRewardSource rewards, BatchName batch,
        ItemPrecision precision = ItemPrecision.Single, bool asksHost = false)
    {
        int k = Math.Min(options.RetrievedItems, problem.Catalogue);
        if (device is null || (asksHost && k > 0))
        {
            (int[], float[])[] heads = k == 0 ? [] : [.. batch.Contexts.Select(c => problem.Head(c, k))];
            if (device is not null)
                return OnDevice(device, problem, options, rewards, batch, precision, problem.Index) with { Heads = heads };
            using IGradientEstimator estimator = problem.Estimator(options, rewards, batch.Seed, batch.Contexts.Length);
            return new Estimation(problem.Estimate(estimator, batch.Contexts, batch.Step), estimator.Statistics, heads);
        }

        return OnDevice(device, problem, options, rewards, batch, precision, null) with { Heads = k == 0 ? [] : Scan(device, problem, batch, k, precision) };
    }

    /// <summary>Runs an estimator once with an index on the host that may be a poor one.</summary>
    public static Estimation ByIndex(
        ComputeDevice? device, EstimatorCase problem, EstimatorOptions options, IRewardSource rewards, BatchName batch, IMipsIndex index)
    {
        if (device is not null)
            return OnDevice(device, problem, options, rewards, batch, ItemPrecision.Single, index);
        using IGradientEstimator estimator = GradientEstimators.Create(
            options, new EstimatorSetting(problem.Items, rewards, batch.Contexts.Length, batch.Seed, problem.Team), index);
        return new Estimation(problem.Estimate(estimator, batch.Contexts, batch.Step), estimator.Statistics, []);
    }

    private static Estimation OnDevice(
        ComputeDevice device, EstimatorCase problem, EstimatorOptions options, IRewardSource rewards, BatchName batch,
        ItemPrecision precision, IMipsIndex? index)
    {
        int count = batch.Contexts.Length;
        using DeviceItems items = new(device, problem.Items, precision);
        using IDeviceEstimator estimator = items.Build(
            new DeviceEstimatorFactory(options, new EstimatorParts(items, rewards, count), index, problem.Team));
        using Queries queries = new(device, problem, batch);
        using DeviceMatrix gradients = new(device, count, problem.Dimension);
        using DeviceArray<float> report = new(device, count * BatchReport.Numbers);
        using DeviceArray<int> faults = new(device, count);
        using Matrix g = new(count, problem.Dimension);
        estimator.Estimate(queries.Batch(batch), gradients.View, new BatchReport(report.View, faults.View, hasWeights: true));
        gradients.Download(g);
        float[] said = new float[count * BatchReport.Numbers];
        report.Download(said);
        double[] means = [.. Enumerable.Range(0, BatchReport.Numbers).Select(
            number => Enumerable.Range(0, count).Average(b => (double)said[(b * BatchReport.Numbers) + number]))];
        return new Estimation(
            [.. Enumerable.Range(0, count).Select(position => g.Row(position).ToArray())],
            new BatchStatistics(means[0], means[1], means[2], 0) { Strata = estimator.TakeStrata() }, []);
    }

    private static (int[] Items, float[] Scores)[] Scan(
        ComputeDevice device, EstimatorCase problem, BatchName batch, int k, ItemPrecision precision)
    {
        int count = batch.Contexts.Length;
        using DeviceItems items = new(device, problem.Items, precision);
        using Queries queries = new(device, problem, batch);
        using IItemScan scan = items.Build(new ItemScanFactory(problem.Catalogue, problem.Dimension, count, k));
        using DeviceTopK top = new(device, count, k);
        DeviceBatch view = queries.Batch(batch);
        scan.Run(view.Projected.View, view.Panels, count, top);
        int[] found = new int[count], best = new int[count * k];
        float[] scores = new float[count * k];
        top.Download(best, scores, found);
        return [.. Enumerable.Range(0, count).Select(
            b => (best.AsSpan(b * k, found[b]).ToArray(), scores.AsSpan(b * k, found[b]).ToArray()))];
    }

    /// <summary>h of a batch on the device.</summary>
    private sealed class Queries : IDisposable
    {
        private readonly DeviceMatrix _projected;
        private readonly DeviceArray<float> _panels;
        private readonly DeviceArray<int> _order;

        public Queries(ComputeDevice device, EstimatorCase problem, BatchName batch)
        {
            using EstimatorBatch host = problem.Batch(batch.Contexts, batch.Step);
            Matrix h = host.Projected;
            int panels = Panels.Count(batch.Contexts.Length);
            float[] tiles = new float[(panels + (panels & 1)) * h.Stride * Panels.Width];
            for (int query = 0; query < batch.Contexts.Length; query++)
            {
                for (int l = 0; l < h.Stride; l++)
                    tiles[Panels.Offset(query, l, h.Stride)] = h.PaddedRow(query)[l];
            }

            _projected = DeviceMatrix.From(device, h);
            _panels = new DeviceArray<float>(device, tiles.Length);
            _order = new DeviceArray<int>(device, batch.Contexts.Length);
            _panels.Upload(tiles);
            _order.Upload(batch.Contexts);
        }

        public DeviceBatch Batch(BatchName batch) => new(
            batch.Contexts, new BatchView(_order.View, 0, batch.Contexts.Length, batch.Step, batch.Seed), _projected, _panels.View);

        public void Dispose()
        {
            _projected.Dispose();
            _panels.Dispose();
            _order.Dispose();
        }
    }
}

/// <summary>What names the draws of a batch.</summary>
internal sealed record BatchName(int[] Contexts, long Step, ulong Seed);
