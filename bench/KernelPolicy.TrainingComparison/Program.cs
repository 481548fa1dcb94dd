using System.CommandLine;
using KernelPolicy.TrainingComparison.Commands;

// Ours of bench/compare-training: the peers' part is bench/peers/torch.
RootCommand root = new("The steps of bench/compare-training: our training steps against PyTorch's, in one run on one machine.")
{
    new PrepareCommand(),
    new RunCommand(),
    new ReportCommand(),
    new SessionsCommand(),
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
