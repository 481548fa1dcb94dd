using System.Text.Json;
using KernelPolicy.KernelReport.Scaling;

namespace KernelPolicy.KernelReport.Spreading;

/// <summary>A step that `kernelpolicy bench --json` has measured.</summary>
/// <param name="Estimator">Its name and settings.</param>
/// <param name="By">By what the top K are found.</param>
/// <param name="Items">P.</param>
/// <param name="Dimension">L.</param>
/// <param name="BatchSize">B.</param>
/// <param name="Threads">Threads.</param>
/// <param name="QuerySeconds">Retrieval of a batch.</param>
/// <param name="RestSeconds">The rest of its step.</param>
internal sealed record MeasuredStep(
    string Estimator, string By, double Items, int Dimension, int BatchSize, int Threads, double QuerySeconds, double RestSeconds)
{
    /// <summary>Whether two steps differ in nothing but P and time.</summary>
    public bool IsLike(MeasuredStep other) =>
        (Estimator, By, Dimension, BatchSize, Threads) == (other.Estimator, other.By, other.Dimension, other.BatchSize, other.Threads);
}

/// <summary>Reads what `kernelpolicy bench --json` writes, a line a run.</summary>
internal static class BenchLines
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It holds no such line, or one is damaged: it says which.</exception>
    public static IReadOnlyList<MeasuredStep> Read(string file)
    {
        MeasuredStep[] steps = [.. File.ReadLines(file).Index().Where(line => line.Item.Length > 0).Select(line => Read(file, line.Index + 1, line.Item))];
        return steps.Length > 0 ? steps : throw new InvalidDataException($"{file} has no line of kernelpolicy bench --json.");
    }

    /// <summary>Retrieval and rest of a context as functions of P, fitted as `scaling` fits steps: a graph's search grows as ln P, a scan's as
    /// P, the rest not at all but by what caches hold, which is as ln P.</summary>
    public static (FittedCost Retrieval, FittedCost Other) Fit(IReadOnlyList<MeasuredStep> steps)
    {
        MeasuredStep first = steps[0];
        CostGrowth growth = first.By.Contains("graph", StringComparison.Ordinal) ? CostGrowth.Logarithmic : CostGrowth.Linear;
        return (
            FittedCost.Of([.. steps.Select(step => (step.Items, step.QuerySeconds / step.BatchSize))], growth),
            FittedCost.Of([.. steps.Select(step => (step.Items, step.RestSeconds / step.BatchSize))], CostGrowth.Logarithmic));
    }

    private static MeasuredStep Read(string file, int line, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement run = document.RootElement;
            double query = run.GetProperty("ms_query").GetDouble(), rest = run.GetProperty("ms_without_query").GetDouble();
            if (!(query > 0 && rest > 0))
                throw new InvalidDataException($"{file}, line {line}: ms_query and ms_without_query must be above zero: the model asks for an estimator that retrieves.");
            return new MeasuredStep(
                $"{run.GetProperty("estimator").GetString()}, {run.GetProperty("estimator_settings").GetString()}",
                run.GetProperty("top_k_by").GetString()!, run.GetProperty("items").GetDouble(), run.GetProperty("dim").GetInt32(),
                run.GetProperty("batch_size").GetInt32(), run.GetProperty("threads").GetInt32(), query / 1e3, rest / 1e3);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file}, line {line} is no line of kernelpolicy bench --json: {e.Message}", e);
        }
    }
}
