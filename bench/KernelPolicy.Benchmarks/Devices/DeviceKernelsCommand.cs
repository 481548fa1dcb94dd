using System.CommandLine;
using System.Globalization;
using System.Text;
using KernelPolicy.Bench;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.Benchmarks.Devices;

/// <summary>`device-kernels`: the time of every kernel that trainings launch on a device, each by itself. BenchmarkDotNet times calls of the
/// host; a launch is waited for here, and its wait is the kernel's time.</summary>
internal static class DeviceKernelsCommand
{
    /// <summary>The command.</summary>
    public const string Name = "device-kernels";

    /// <summary>Runs it.</summary>
    /// <returns>0; 1 where the device cannot be had.</returns>
    public static int Execute(string[] args)
    {
        Option<AcceleratorKind[]> kinds = new("--device")
        {
            Description = "Cuda, OpenCl, CpuEmulator. Default: each that is usable, but for the emulator, which has sizes of its own: it shows that the command works.",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<int> items = new("--items") { Description = "P.", DefaultValueFactory = _ => 100_000 };
        Option<int> dimension = new("--dim") { Description = "L.", DefaultValueFactory = _ => 100 };
        Option<int> steps = new("--steps") { Description = "Steps of each estimator.", DefaultValueFactory = _ => 50 };
        Option<string> file = new("--out") { Description = "The table.", DefaultValueFactory = _ => Path.Combine("out", "benchmarks", "device-kernels.md") };
        RootCommand root = new("Times every kernel of every estimator on a device.") { kinds, items, dimension, steps, file };
        root.SetAction(parsed =>
        {
            AcceleratorKind[] asked = parsed.GetValue(kinds) is { Length: > 0 } named ? named : Usable();
            if (asked.Length == 0)
            {
                Console.WriteLine("There is no device here but ILGPU's emulator; `kernelpolicy info` says why. Nothing was timed.");
                return;
            }

            StringBuilder text = new();
            text.AppendLine("# Kernels of devices").AppendLine();
            text.AppendLine(
                "Each launch is waited for: a kernel's time holds a launch and a wake-up, which steps in a queue do not pay. "
                + "Made by `KernelPolicy.Benchmarks -- device-kernels`.").AppendLine();
            foreach (AcceleratorKind kind in asked)
            {
                StepShape shape = kind == AcceleratorKind.CpuEmulator
                    ? StepShape.Emulated
                    : StepShape.Of(parsed.GetValue(items), parsed.GetValue(dimension), parsed.GetValue(steps));
                using KernelTimes times = new(kind, shape);
                times.WriteTo(text);
            }

            text.Append(VersionsText.Read(typeof(DeviceKernelsCommand).Assembly).Markdown([Name, .. args]));
            string path = Path.GetFullPath(parsed.GetRequiredValue(file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text.ToString());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", asked)}: {path}"));
        });
        try
        {
            return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is DeviceUnavailableException or ArgumentException or DeviceMemoryException)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return 1;
        }
    }

    private static AcceleratorKind[] Usable() =>
        [.. Accelerators.List().Where(info => info.Available && info.Kind != AcceleratorKind.CpuEmulator).Select(info => info.Kind).Distinct()];
}
