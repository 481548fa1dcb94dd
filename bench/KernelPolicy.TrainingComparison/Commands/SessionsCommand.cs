using System.CommandLine;
using KernelPolicy.EstimatorComparison.Problems;
using KernelPolicy.Kernels;
using KernelPolicy.TrainingComparison.Data;

namespace KernelPolicy.TrainingComparison.Commands;

/// <summary>`sessions`: the problem that compare-estimators learns, written for the peer: the same split, β and order of contexts.</summary>
internal sealed class SessionsCommand : Command
{
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "Interactions to read.",
        AllowMultipleArgumentsPerToken = true,
        Required = true,
    };

    private readonly Option<string> _name = new("--name") { Description = "Name of the data in the results.", Required = true };
    private readonly Option<ulong> _seed = new("--seed") { Description = "Seed of split, order and draws.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _epochs = new("--epochs") { Description = "Passes.", DefaultValueFactory = _ => 20 };
    private readonly Option<string> _out = new("--out") { Description = "Folder to write.", Required = true };

    /// <summary>The command.</summary>
    public SessionsCommand()
        : base("sessions", "Writes real sessions for the peer to learn from.")
    {
        foreach (Option option in (Option[])[_data, _name, _seed, _epochs, _out])
            Add(option);
        SetAction(Execute);
    }

    private void Execute(ParseResult parsed)
    {
        using WorkerTeam team = new(Environment.ProcessorCount);
        ulong seed = parsed.GetRequiredValue(_seed);
        string name = parsed.GetRequiredValue(_name);
        using ComparedProblem problem = ComparedProblem.Read(name, parsed.GetRequiredValue(_data), seed, team);
        new SessionFolder(parsed.GetRequiredValue(_out)).Write(problem, parsed.GetRequiredValue(_epochs), seed);
    }
}
