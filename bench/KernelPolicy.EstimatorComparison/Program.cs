using System.CommandLine;
using KernelPolicy.Bench;
using KernelPolicy.EstimatorComparison.Commands;

RootCommand root = new("The steps of bench/compare-estimators: errors of gradients, and rewards over time, of every estimator.")
{
    new GradientsCommand(),
    new LearnCommand(),
    new ReportCommand(),
};
return ComparisonProgram.Run(root, args);
