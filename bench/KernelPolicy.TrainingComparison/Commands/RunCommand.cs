using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.TrainingComparison.Data;
using KernelPolicy.TrainingComparison.Measuring;

namespace KernelPolicy.TrainingComparison.Commands;

/// <summary>`run`: times our steps on a catalogue, one round.</summary>
internal sealed class RunCommand : Command
{
    private const string By = "kernelpolicy";

    // As the peer's: enough that recall is known to a thousandth.
    private const int RecallContexts = 256;

    private readonly Option<string> _data = new("--data") { Description = "Folder of `prepare`.", Required = true };
    private readonly Option<string> _out = new("--out") { Description = "CSV file to write.", Required = true };
    private readonly Option<int> _round = new("--round") { Description = "Number of the round, from 1.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _threads = new("--threads") { Description = "Threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<int> _warmup = new("--warmup") { Description = "Steps to warm up.", DefaultValueFactory = _ => 30 };
    private readonly Option<int> _steps = new("--steps") { Description = "Steps to time.", DefaultValueFactory = _ => 50 };
    private readonly Option<double> _seconds = new("--seconds") { Description = "Seconds for either.", DefaultValueFactory = _ => 10 };

    /// <summary>The command.</summary>
    public RunCommand()
        : base("run", "Times our training steps: exact, REINFORCE, mixture and strata, through the graph and through the scan.")
    {
        foreach (Option option in (Option[])[_data, _out, _round, _threads, _warmup, _steps, _seconds])
            Add(option);
        SetAction(Execute);
    }

    private void Execute(ParseResult parsed)
    {
        CatalogueFolder folder = new(parsed.GetRequiredValue(_data));
        CatalogueMeta meta = folder.ReadMeta();
        int round = parsed.GetRequiredValue(_round), threads = parsed.GetRequiredValue(_threads);
        using WorkerTeam team = new(threads);
        using Matrix items = folder.ReadItems(meta);
        TrainingProblem problem = folder.ReadProblem(meta, items);
        using HnswIndex graph = folder.ReadGraph(items);
        using ExactIndex scan = new(items);
        StepPlan plan = new(parsed.GetRequiredValue(_warmup), parsed.GetRequiredValue(_steps), parsed.GetRequiredValue(_seconds));
        ComparedSteps steps = new(problem, meta.BatchSize, meta.Seed, team, plan);
        using StepFile file = new(parsed.GetRequiredValue(_out));
        foreach ((string name, EstimatorOptions options) in ComparedSteps.Estimators)
        {
            foreach ((string indexName, IMipsIndex? index) in options.NeedsIndex
                ? [("graph", graph), ("scan", scan)]
                : new (string, IMipsIndex?)[] { ("", null) })
            {
                foreach (double milliseconds in steps.Measure(options, index))
                    Add(name, indexName, MeasureName.StepMs, milliseconds);
                if (index is not null && round == 1)
                    Add(name, indexName, MeasureName.Recall, index is ExactIndex ? 1 : steps.Recall(index, options.RetrievedItems, RecallContexts));
            }
        }

        Add("", "graph", MeasureName.BuildSeconds, meta.BuildSeconds);
        Add("", "", MeasureName.PeakRss, Process.GetCurrentProcess().PeakWorkingSet64);
        Add("", "", MeasureName.About, double.NaN, About(graph, threads));
        file.Complete();

        void Add(string estimator, string index, string measure, double value, string note = "") =>
            file.Add(new Measurement(meta.Items, round, By, estimator, index, measure, value, note));
    }

    private static string About(HnswIndex graph, int threads)
    {
        string version = typeof(TrainingStep).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        HnswOptions o = graph.Options;
        return $"KernelPolicy {version} on {RuntimeInformation.FrameworkDescription}; vectors of {SimdPath.Width} bits; {threads} threads; graph: "
            + $"{o.Metric}; M {o.M}; efConstruction {o.EfConstruction}; efSearch {o.EfSearch} but at least K; mixture: {MixtureSampler.Stratified} draws";
    }
}
