using System.CommandLine;
using KernelPolicy.KernelReport.Commands;

RootCommand root = new("What device kernels, larger catalogues and more machines come to, found without them.")
{
    new PtxCommand(),
    new RooflineCommand(),
    new ScalingCommand(),
    new SpreadModelCommand(),
};
ParseResult parsed = root.Parse(args);
try
{
    return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is ArgumentException or IOException or InvalidDataException or InvalidOperationException)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return 1;
}
