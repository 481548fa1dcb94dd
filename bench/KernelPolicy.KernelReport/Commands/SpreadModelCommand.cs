using System.CommandLine;
using KernelPolicy.KernelReport.Reporting;
using KernelPolicy.KernelReport.Scaling;
using KernelPolicy.KernelReport.Spreading;

namespace KernelPolicy.KernelReport.Commands;

/// <summary>`spread-model`: the expected time of an epoch on more machines.</summary>
internal sealed class SpreadModelCommand : Command
{
    private readonly Argument<string[]> _steps = new("steps")
    {
        Description = "Files of what kernelpolicy bench --json writes, a line for each P; one estimator, index, L, B and number of threads.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<double> _items = new("--items") { Description = "P.", DefaultValueFactory = _ => 1e8 };

    private readonly Option<double> _contexts = new("--contexts") { Description = "N.", DefaultValueFactory = _ => 1e9 };

    private readonly Option<int[]> _machines = new("--machines")
    {
        Description = "n.",
        DefaultValueFactory = _ => [1, 2, 4, 8, 16, 32, 64, 128, 256],
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> _links = new("--link")
    {
        Description = "Networks: microseconds there and back, Gbit/s, microseconds a message costs a machine.",
        DefaultValueFactory = _ => ["1000,1,20", "50,10,10", "5,100,2"],
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<double> _share = new("--waiting") { Description = "Share of a step that machines may wait.", DefaultValueFactory = _ => 0.2 };

    private readonly Option<string> _out = new("--out") { Description = "The report.", DefaultValueFactory = _ => "out/spread.md" };

    /// <summary>The command.</summary>
    public SpreadModelCommand()
        : base("spread-model", "Computes from measured steps what an epoch would take on more machines, contexts or items spread, by network.")
    {
        Add(_steps);
        Add(_items);
        Add(_contexts);
        Add(_machines);
        Add(_links);
        Add(_share);
        Add(_out);
        SetAction(Execute);
    }

    private void Execute(ParseResult parsed)
    {
        string[] files = parsed.GetRequiredValue(_steps);
        MeasuredStep[] measured = [.. files.SelectMany(BenchLines.Read)];
        MeasuredStep first = measured[0];
        if (measured.FirstOrDefault(step => !step.IsLike(first)) is { } other)
            throw new ArgumentException($"Steps of one kind are needed: {first} and {other} differ in more than P.");
        (double items, double contexts) = (parsed.GetValue(_items), parsed.GetValue(_contexts));
        int[] machines = parsed.GetRequiredValue(_machines);
        if (!(items >= 1 && contexts >= 1 && double.IsFinite(items) && double.IsFinite(contexts)) || !machines.All(n => n >= 1 && items / n > 1))
            throw new ArgumentException("--items, --contexts and --machines must be at least 1, and there must be more items than machines.");
        (FittedCost retrieval, FittedCost rest) = BenchLines.Fit(measured);
        SpreadTraining training = new(retrieval, rest, new TrainingMemory(first.Dimension, first.BatchSize), items, contexts);
        NamedLink[] links = [.. parsed.GetRequiredValue(_links).Select(NamedLink.Parse)];
        string path = Path.GetFullPath(parsed.GetRequiredValue(_out));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, new SpreadReport(training, measured, links, machines, parsed.GetValue(_share)).Markdown(files));
        Console.WriteLine(path);
    }
}
