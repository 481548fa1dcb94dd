using System.CommandLine;
using System.Globalization;
using KernelPolicy.EstimatorComparison.Measuring;
using KernelPolicy.EstimatorComparison.Problems;
using KernelPolicy.Kernels;

namespace KernelPolicy.EstimatorComparison.Commands;

/// <summary>`learn`: the learning curve of one estimator, over epochs and over time.</summary>
internal sealed class LearnCommand : Command
{
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "Interactions to read.",
        AllowMultipleArgumentsPerToken = true,
        Required = true,
    };

    private readonly Option<string> _name = new("--name") { Description = "Name of the data in the results.", Required = true };

    private readonly Option<string[]> _estimators = new("--estimators")
    {
        Description = "Which.",
        AllowMultipleArgumentsPerToken = true,
        Required = true,
    };

    private readonly Option<int> _epochs = new("--epochs") { Description = "Passes.", DefaultValueFactory = _ => 20 };

    private readonly Option<ulong[]> _seeds = new("--seeds")
    {
        Description = "Seeds of split, order and draws.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [1],
    };

    private readonly Option<string> _out = new("--out") { Description = "Folder for one CSV file a curve; those that exist are kept.", Required = true };

    /// <summary>The command.</summary>
    public LearnCommand()
        : base("learn", "Trains and measures R_test over time.")
    {
        foreach (Option option in (Option[])[_data, _name, _estimators, _epochs, _seeds, _out])
            Add(option);
        SetAction(Execute);
    }

    private void Execute(ParseResult parsed)
    {
        using WorkerTeam team = new(Environment.ProcessorCount);
        string folder = parsed.GetRequiredValue(_out), name = parsed.GetRequiredValue(_name);
        Directory.CreateDirectory(folder);
        foreach (ulong seed in parsed.GetRequiredValue(_seeds))
        {
            using ComparedProblem problem = ComparedProblem.Read(name, parsed.GetRequiredValue(_data), seed, team);
            foreach (string estimator in parsed.GetRequiredValue(_estimators))
            {
                string path = Path.Combine(folder, $"{name}.{estimator}.{seed}.csv");
                if (File.Exists(path))
                    continue;
                List<string> lines = ["data,estimator,seed,epochs,seconds,reward,error"];
                LearningRun.Execute(
                    problem, estimator, parsed.GetRequiredValue(_epochs), seed, team,
                    point => lines.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{name},{estimator},{seed},{point.Epochs:0.####},{point.Seconds:0.####},{point.Reward:0.######},{point.Error:G4}")));
                File.WriteAllLines(path + ".part", lines);
                File.Move(path + ".part", path);
                Console.WriteLine(lines[^1]);
            }
        }
    }
}
