using KernelPolicy.Bench;
using KernelPolicy.Comparison.Cases;
using KernelPolicy.Comparison.Figures;

const string Sizes = "--sizes";

int place = Array.IndexOf(args, Sizes);
if (place >= 0)
{
    string asked = place + 1 < args.Length ? args[place + 1] : "";
    try
    {
        foreach (string name in asked.Split(','))
            ComparedCatalogue.Parse(name);
    }
    catch (ArgumentException e)
    {
        Console.Error.WriteLine($"error: {Sizes}: {e.Message}");
        return 2;
    }

    // By the environment, since BenchmarkDotNet starts processes of its own.
    Environment.SetEnvironmentVariable(ComparedCatalogue.Variable, asked);
    args = [.. args[..place], .. args[(place + 2)..]];
}

// SIMD by itself has all of its steps in EstimatorSteps.
bool hasDevice = DeviceSteps.Paths.Skip(1).Any();
if (!hasDevice)
    Console.WriteLine("No device but ILGPU's emulator: steps on devices are left out. `kernelpolicy info` says why.");
CaseFigures.Open();
return BenchmarkRun.Execute(
    [.. BenchmarkRun.In(typeof(DeviceSteps).Assembly).Where(type => hasDevice || type != typeof(DeviceSteps))], args, FigureColumn.All);
