using System.Globalization;
using KernelPolicy.Bench;

namespace KernelPolicy.Comparison.Cases;

/// <summary>A catalogue's size, by the name that tables have for it: PxL.</summary>
/// <param name="Items">P.</param>
/// <param name="Dimension">L.</param>
internal sealed record ComparedCatalogue(int Items, int Dimension)
{
    /// <summary>The environment variable that <c>--sizes</c> sets, so that processes of BenchmarkDotNet have the same.</summary>
    public const string Variable = "KERNELPOLICY_COMPARISON_SIZES";

    // Beside what is counted: buffers of a build, histories, the runtime, the other process.
    private const double Margin = 1.5;
    private const int M = 32;

    private static readonly int[] AllItems = [10_000, 100_000, 1_000_000];
    private static readonly int[] AllDimensions = [16, 100, 1000];

    /// <summary>Sizes that were asked for, or all; only those that this machine's memory holds.</summary>
    public static IEnumerable<string> Names
    {
        get
        {
            string? asked = Environment.GetEnvironmentVariable(Variable);
            IEnumerable<ComparedCatalogue> sizes = string.IsNullOrEmpty(asked)
                ? AllItems.SelectMany(_ => AllDimensions, (items, dimension) => new ComparedCatalogue(items, dimension))
                : asked.Split(',').Select(Parse);
            long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            return sizes.Where(size => size.Bytes * Margin < memory).Select(size => size.ToString());
        }
    }

    /// <summary>What items, graph and REINFORCE's weights take.</summary>
    public double Bytes
    {
        get
        {
            StepBytes step = new(Items, Dimension, StepProblem.BatchSize);
            return step.Table + (Items * (step.CodeRow + (2 * M * sizeof(int)))) + (StepProblem.BatchSize * Items * (double)sizeof(float));
        }
    }

    /// <summary>What a name stands for.</summary>
    /// <exception cref="ArgumentException">It is no size.</exception>
    public static ComparedCatalogue Parse(string name)
    {
        string[] parts = name.Split('x');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int items)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int dimension)
            && items >= 1000 && dimension >= 1
            ? new ComparedCatalogue(items, dimension)
            : throw new ArgumentException($"'{name}' is no size of a catalogue; P x L is, such as 100000x100, P at least 1000.");
    }

    /// <summary>A problem of this size, whose graph is kept for the next process.</summary>
    public StepProblem Open() =>
        new(Items, Dimension, contexts: 4096, Environment.ProcessorCount, Path.Combine(Path.GetTempPath(), "kernelpolicy-graphs"));

    /// <inheritdoc/>
    public override string ToString() => $"{Items}x{Dimension}";
}
