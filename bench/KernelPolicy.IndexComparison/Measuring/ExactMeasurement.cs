using KernelPolicy.Index;
using KernelPolicy.IndexComparison.Datasets;
using KernelPolicy.Kernels;

namespace KernelPolicy.IndexComparison.Measuring;

/// <summary>Measures our exact scan on a dataset: in batches as large as a training step's, and single queries.</summary>
internal sealed class ExactMeasurement(DatasetFolder folder, SearchPlan plan, ResultFile results)
{
    private static readonly int[] Batches = [1, 32];

    // Enough single scans, and not so many that those of a large catalogue take minutes.
    private const int MostQueries = 64;

    /// <summary>Measures all of it.</summary>
    public void Execute()
    {
        DatasetMeta meta = folder.ReadMeta();
        using Matrix items = folder.ReadItems(meta);
        using Matrix queries = folder.ReadQueries(meta);
        using ExactIndex exact = new(items);
        results.AddAbout($"exact scan; vectors of {SimdPath.Width} bits");
        foreach ((int k, _) in plan.Grid)
        {
            foreach (int threads in plan.Threads)
            {
                foreach (int batch in Batches)
                    Measure(exact, queries, k, threads, batch);
            }
        }
    }

    private void Measure(ExactIndex exact, Matrix queries, int k, int threads, int batch)
    {
        using WorkerTeam team = new(threads);
        int batches = Math.Min(MostQueries, (int)queries.Rows) / batch;
        Matrix[] rows = [.. Enumerable.Range(0, batches).Select(_ => new Matrix(batch, queries.Columns))];
        for (int i = 0; i < batches * batch; i++)
            queries.Row(i).CopyTo(rows[i / batch].Row(i % batch));
        TopK found = new(batch, k);
        int next = 0;
        // A batch a call: calls go through all queries in turn.
        void Search() => exact.Search(rows[next++ % batches], batch, k, found, team);
        Timing.WarmUp(Search, plan.Seconds);
        double seconds = Timing.Best(Search, Timing.Once(Search), warm: true, plan);
        results.Add(MeasureName.ExactQps, batch / seconds, k, threads, batch, recall: 1);
        foreach (Matrix matrix in rows)
            matrix.Dispose();
    }
}
