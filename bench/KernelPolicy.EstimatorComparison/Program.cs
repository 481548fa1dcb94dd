using System.CommandLine;
using KernelPolicy.EstimatorComparison.Commands;

RootCommand root = new("The steps of bench/compare-estimators: errors of gradients, and rewards over time, of every estimator.")
{
    new GradientsCommand(),
    new LearnCommand(),
    new ReportCommand(),
};
ParseResult parsed = root.Parse(args);
try
{
    return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is ArgumentException or IOException or InvalidDataException)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return 1;
}
