using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using Spectre.Console;

namespace KernelPolicy.Cli.Machine;

/// <summary>Shows a machine to a person.</summary>
internal static class MachineTable
{
    /// <summary>Writes two tables: the processor, and the devices beside it.</summary>
    public static void Write(IAnsiConsole console, MachineReport report)
    {
        Table facts = new() { Border = TableBorder.Simple, ShowHeaders = false };
        facts.AddColumns("", "");
        ProcessorFacts processor = report.Processor;
        Add("kernelpolicy", report.Version);
        Add("system", $"{report.OperatingSystem}, {report.Runtime}");
        Add("processor", $"{processor.Name} ({processor.Architecture}), {processor.LogicalProcessors} logical processors");
        Add("memory", Size(processor.MemoryBytes));
        Add("instruction sets", string.Join(", ", processor.InstructionSets));
        Add("accelerated vectors", string.Join(", ", processor.AcceleratedVectorBits.Select(bits => $"{bits} bits")));
        Add("SIMD kernels", Describe(report.SimdPath));
        console.Write(facts);

        Table devices = new() { Border = TableBorder.Simple };
        devices.AddColumns("accelerator", "device", "memory", "usable");
        foreach (AcceleratorInfo device in report.Accelerators)
        {
            devices.AddRow(
                new Text(Name(device.Kind)),
                new Text(device.Name ?? "–"),
                new Text(device.MemoryBytes is { } bytes ? Size(bytes) : "–"),
                new Text(device.Available ? $"yes: {device.Style}" : $"no: {device.Reason}"));
        }

        console.Write(devices);
        console.WriteLine($"--device auto takes {report.AutoDevice.Device}: {report.AutoDevice.Reason}.");

        void Add(string name, string value) => facts.AddRow(new Text(name), new Text(value));
    }

    private static string Describe(SimdChoice choice) =>
        $"{choice.VectorBits} bits"
        + (choice.Forced ? $", as {SimdPath.Variable} asks" : "")
        + (choice.Accelerated ? "" : ", which the processor does not execute itself");

    private static string Name(AcceleratorKind kind) => kind switch
    {
        AcceleratorKind.Cuda => "CUDA",
        AcceleratorKind.OpenCl => "OpenCL",
        _ => "emulator (for checking only)",
    };

    private static string Size(long bytes) => $"{bytes / (double)(1L << 30):0.0} GiB";
}
