using System.CommandLine;
using KernelPolicy.KernelReport.Commands;

RootCommand root = new("What the device kernels come to on NVIDIA devices, found without one.")
{
    new PtxCommand(),
    new RooflineCommand(),
    new ScalingCommand(),
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
