using System.CommandLine;
using KernelPolicy.Bench;
using KernelPolicy.IndexComparison.Commands;

// One step of bench/compare-index a process, so that the peak memory of each library is its own.
RootCommand root = new("The steps of bench/compare-index: our index against hnswlib and FAISS, in one run on one machine.")
{
    new PrepareCommand(),
    new RunCommand(),
    new ReportCommand(),
};
return ComparisonProgram.Run(root, args);
