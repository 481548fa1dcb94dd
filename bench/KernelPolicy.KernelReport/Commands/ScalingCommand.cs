using System.CommandLine;
using KernelPolicy.KernelReport.Reporting;
using KernelPolicy.KernelReport.Scaling;

namespace KernelPolicy.KernelReport.Commands;

/// <summary>`scaling`: the expected time of an epoch at catalogues beyond those measured, and where one machine ends.</summary>
internal sealed class ScalingCommand : Command
{
    private readonly Argument<string[]> _steps = new("steps")
    {
        Description = "CSV files of measured steps: EstimatorSteps.csv and DeviceSteps.csv of KernelPolicy.Comparison, or path,estimator,growth,items,dimension,ms,mb.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _machine = new("--machine")
    {
        Description = "What the machine can do: machine.machine.csv of bench/compare-index (--only machine/machine).",
        Required = true,
    };

    private readonly Option<double> _memory = new("--memory-gib")
    {
        Description = "Memory of the machine; default: of this one.",
        DefaultValueFactory = _ => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30),
    };

    private readonly Option<double[]> _items = new("--items")
    {
        Description = "P.",
        DefaultValueFactory = _ => [1e6, 1e7, 1e8],
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<double> _contexts = new("--contexts") { Description = "N.", DefaultValueFactory = _ => 1e9 };

    private readonly Option<int?> _dimension = new("--dim") { Description = "L; default: the one that was measured at the largest catalogue, nearest to 100." };

    private readonly Option<string> _out = new("--out") { Description = "The report.", DefaultValueFactory = _ => "out/scaling.md" };

    /// <summary>The command.</summary>
    public ScalingCommand()
        : base("scaling", "Computes from measured steps what an epoch would take at larger catalogues, by estimator and path, and where one machine ends.")
    {
        Add(_steps);
        Add(_machine);
        Add(_memory);
        Add(_items);
        Add(_contexts);
        Add(_dimension);
        Add(_out);
        SetAction(Execute);
    }

    private void Execute(ParseResult parsed)
    {
        string[] files = parsed.GetRequiredValue(_steps);
        StepMeasurement[] measured = [.. files.SelectMany(MeasurementFile.Read)];
        MachinePeaks peaks = PeakFile.Read(parsed.GetRequiredValue(_machine), parsed.GetValue(_memory) * (1L << 30));
        double[] items = parsed.GetRequiredValue(_items);
        double contexts = parsed.GetValue(_contexts);
        if (!items.All(p => p > 1 && double.IsFinite(p)) || !(contexts >= 1 && double.IsFinite(contexts)))
            throw new ArgumentException("--items must be above 1, --contexts at least 1, both finite.");
        double largest = measured.Max(m => m.Items);
        int dimension = parsed.GetValue(_dimension)
            ?? measured.Where(m => m.Items == largest).Select(m => m.Dimension).MinBy(l => Math.Abs(l - 100));
        StepScaling[] scalings =
        [
            .. measured.Where(m => m.Dimension == dimension).GroupBy(m => (m.Path, m.Estimator)).Select(group => StepScaling.Of([.. group])),
        ];
        if (scalings.Length == 0)
            throw new ArgumentException($"No step was measured at L = {dimension}; at {string.Join(", ", measured.Select(m => m.Dimension).Distinct().Order())}.");
        string path = Path.GetFullPath(parsed.GetRequiredValue(_out));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, new ScalingReport(scalings, new TrainingMemory(dimension), peaks, items, contexts).Markdown(files));
        Console.WriteLine(path);
    }
}
