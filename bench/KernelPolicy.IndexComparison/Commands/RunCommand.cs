using System.CommandLine;
using KernelPolicy.IndexComparison.Datasets;
using KernelPolicy.IndexComparison.Measuring;

namespace KernelPolicy.IndexComparison.Commands;

/// <summary>`run`: measures one of ours on one dataset, or the machine itself.</summary>
internal sealed class RunCommand : Command
{
    private readonly Argument<string> _what = new("what") { Description = "graph, serving, exact or machine." };

    private readonly Option<string> _data = new("--data")
    {
        Description = "Folder of the dataset; not for machine.",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<string> _out = new("--out") { Description = "CSV file to write.", Required = true };

    private readonly Option<string> _name = new("--name") { Description = "Name in the results.", Required = true };

    private readonly Option<string> _grid = new("--grid")
    {
        Description = "For each K the widths to search with, as 10:10,16;256:256,512.",
        DefaultValueFactory = _ => "10:10,16,32,64,128,256;256:256,512,1024",
    };

    private readonly Option<string> _threads = new("--threads")
    {
        Description = "Numbers of threads, rising.",
        DefaultValueFactory = _ => "1,2",
    };

    private readonly Option<double> _seconds = Number("--seconds", "Least seconds of a pass.", 0.3);

    private readonly Option<int> _passes = Number("--passes", "Passes, of which the best counts.", 3);

    private readonly Option<double> _limit = Number("--limit", "Seconds for all queries once, beyond which a curve ends.", 4.0);

    private readonly Option<int> _latencies = Number("--latencies", "Single queries to time.", 10_000);

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Options of the graph, as M=32 EfConstruction=100.",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>The command.</summary>
    public RunCommand()
        : base("run", "Measures our graph or exact scan on a dataset, or the machine's peaks.")
    {
        Add(_what);
        foreach (Option option in (Option[])[_data, _out, _name, _grid, _threads, _seconds, _passes, _limit, _latencies, _set])
            Add(option);
        SetAction(Execute);
    }

    private void Execute(ParseResult parsed)
    {
        SearchPlan plan = new(
            SearchPlan.ParseGrid(parsed.GetRequiredValue(_grid)),
            SearchPlan.ParseList(parsed.GetRequiredValue(_threads)),
            parsed.GetRequiredValue(_seconds),
            parsed.GetRequiredValue(_passes),
            parsed.GetRequiredValue(_limit),
            parsed.GetRequiredValue(_latencies));
        string what = parsed.GetRequiredValue(_what);
        DatasetFolder folder = new(parsed.GetRequiredValue(_data));
        string dataset = what == "machine" ? what : folder.ReadMeta().Name;
        using ResultFile results = new(parsed.GetRequiredValue(_out), dataset, parsed.GetRequiredValue(_name));
        switch (what)
        {
            case "graph":
                new GraphMeasurement(folder, NamedOptions.Create(parsed.GetValue(_set) ?? []), plan, results).Execute();
                break;
            case "serving":
                new ServingMeasurement(
                    folder, Path.Combine(parsed.GetRequiredValue(_data), "serving.kpolicy"), NamedOptions.Create(parsed.GetValue(_set) ?? []), plan,
                    results).Execute();
                break;
            case "exact":
                new ExactMeasurement(folder, plan, results).Execute();
                break;
            case "machine":
                new MachinePeak(plan, results).Execute();
                results.AddAbout(MachineText.Describe());
                break;
            default:
                throw new ArgumentException($"There is no measurement '{what}'; give graph, serving, exact or machine.");
        }

        results.Complete();
    }

    private static Option<T> Number<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
