using System.CommandLine;
using System.Reflection;
using KernelPolicy.KernelReport.Compiling;
using KernelPolicy.KernelReport.Kernels;
using KernelPolicy.KernelReport.Reporting;

namespace KernelPolicy.KernelReport.Commands;

/// <summary>`ptx`: compiles every kernel for CUDA, assembles it, and says what it takes.</summary>
internal sealed class PtxCommand : Command
{
    private readonly Option<string> _out = new("--out")
    {
        Description = "Folder of the tables.",
        DefaultValueFactory = _ => "bench/results/ptx",
    };

    private readonly Option<string> _ptx = new("--ptx")
    {
        Description = "Folder of the PTX.",
        DefaultValueFactory = _ => "out/ptx",
    };

    private readonly Option<string> _assembler = new("--ptxas")
    {
        Description = $"NVIDIA's PTX assembler; without it {PtxAssembler.Variable} of the environment, or ptxas of the path.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(PtxAssembler.Variable) is { Length: > 0 } path ? path : "ptxas",
    };

    /// <summary>The command.</summary>
    public PtxCommand()
        : base("ptx", "Compiles every kernel that a training loads to PTX for V100, A100 and H100, and assembles it. Fails where one does not compile or assemble, spills or uses a stack.")
    {
        Add(_out);
        Add(_ptx);
        Add(_assembler);
        SetAction(parsed => Execute(
            parsed.GetRequiredValue(_out), parsed.GetRequiredValue(_ptx), new PtxAssembler(parsed.GetRequiredValue(_assembler))));
    }

    private static int Execute(string folder, string ptxFolder, PtxAssembler assembler)
    {
        string version = assembler.Version();
        IReadOnlyList<MethodInfo> kernels = TrainingKernels.Find();
        List<string> failed = [];
        IReadOnlyList<KernelFigures> figures = KernelFigures.Collect(kernels, assembler, ptxFolder, failed);
        failed.AddRange(figures.Where(f => f.LeavesRegisters).Select(f =>
            $"{f.Architecture.Name}: {f.Kernel} spills {f.Assembled.SpillStores} + {f.Assembled.SpillLoads} bytes and has a stack of {f.Assembled.StackBytes} bytes"));
        PtxReport report = new(figures, version);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "kernels.md"), report.Markdown());
        File.WriteAllLines(Path.Combine(folder, "kernels.csv"), report.Csv());
        foreach (string failure in failed)
            Console.Error.WriteLine($"error: {failure}");
        Console.WriteLine(
            $"{kernels.Count} kernels for {string.Join(", ", GpuArchitecture.All.Select(a => a.Name))}: {figures.Count} assembled by ptxas {version}, {failed.Count} faults; the most registers: {figures.Select(f => f.Assembled.Registers).DefaultIfEmpty().Max()}");
        return failed.Count == 0 ? 0 : 1;
    }
}
