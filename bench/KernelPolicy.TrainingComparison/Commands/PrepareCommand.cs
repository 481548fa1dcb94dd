using System.CommandLine;
using System.Diagnostics;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.TrainingComparison.Data;

namespace KernelPolicy.TrainingComparison.Commands;

/// <summary>`prepare`: draws a catalogue as `kernelpolicy bench` does, and builds our graph.</summary>
internal sealed class PrepareCommand : Command
{
    // Halves of the twenty items that the paper asks of a user at least.
    private const int ItemsPerHalf = 10;
    private const int BatchSize = 32;

    // Contexts by which the graph's metric is chosen, as in the tool.
    private const int SampledContexts = 200;

    private readonly Option<string> _data = new("--data") { Description = "Folder to write.", Required = true };
    private readonly Option<int> _items = new("--items") { Description = "P.", DefaultValueFactory = _ => 750_000 };
    private readonly Option<int> _dimension = new("--dim") { Description = "L.", DefaultValueFactory = _ => 100 };
    private readonly Option<int> _batches = new("--batches") { Description = "Batches of 32 contexts.", DefaultValueFactory = _ => 512 };
    private readonly Option<int> _threads = new("--threads") { Description = "Threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<ulong> _seed = new("--seed") { Description = "Seed.", DefaultValueFactory = _ => 1 };

    /// <summary>The command.</summary>
    public PrepareCommand()
        : base("prepare", "Draws a catalogue and contexts, builds our graph, and writes all that for us and the peers.")
    {
        foreach (Option option in (Option[])[_data, _items, _dimension, _batches, _threads, _seed])
            Add(option);
        SetAction(Execute);
    }

    private void Execute(ParseResult parsed)
    {
        int items = parsed.GetRequiredValue(_items), dimension = parsed.GetRequiredValue(_dimension);
        int contexts = parsed.GetRequiredValue(_batches) * BatchSize, threads = parsed.GetRequiredValue(_threads);
        ulong seed = parsed.GetRequiredValue(_seed);
        using WorkerTeam team = new(threads);
        using SyntheticWorkload workload = SyntheticWorkload.Create(items, dimension, contexts, ItemsPerHalf, ItemsPerHalf, seed, team);
        TrainingProblem problem = TrainingProblem.SessionCompletion(workload.Items, workload.Histories, workload.Rewarded);
        using Matrix sample = new(Math.Min(SampledContexts, contexts), dimension);
        for (int i = 0; i < sample.Rows; i++)
            problem.Contexts.Fill((int)(i * (long)contexts / sample.Rows), sample, i);
        long start = Stopwatch.GetTimestamp();
        using HnswIndex graph = HnswIndex.Build(workload.Items, new HnswOptions { Seed = seed }, sample, team);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        using Matrix theta = Theta.Initialise(dimension, ThetaInitialisation.Identity, 0, seed);
        using IGradientEstimator exact = GradientEstimators.Create(
            new ExactOptions(), new EstimatorSetting(workload.Items, problem.Rewards, BatchSize, seed, team));
        using TrainingStep step = new(problem, exact, theta, BatchSize, new AdamOptions(), team);
        Matrix gradient = step.Gradient([.. Enumerable.Range(0, BatchSize)], 0);
        new CatalogueFolder(parsed.GetRequiredValue(_data)).Write(
            new CatalogueMeta(items, dimension, contexts, ItemsPerHalf, ItemsPerHalf, BatchSize, seed, seconds, threads),
            workload, problem.Contexts, gradient, graph);
    }
}
