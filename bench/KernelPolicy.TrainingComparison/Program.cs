using System.CommandLine;
using KernelPolicy.Bench;
using KernelPolicy.TrainingComparison.Commands;

// Ours of bench/compare-training: the peers' part is bench/peers/torch.
RootCommand root = new("The steps of bench/compare-training: our training steps against PyTorch's, in one run on one machine.")
{
    new PrepareCommand(),
    new RunCommand(),
    new ReportCommand(),
    new SessionsCommand(),
};
return ComparisonProgram.Run(root, args);
