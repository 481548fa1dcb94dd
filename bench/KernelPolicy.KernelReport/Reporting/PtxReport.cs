using System.Globalization;
using System.Text;
using ILGPU;
using KernelPolicy.Bench;
using KernelPolicy.KernelReport.Compiling;

namespace KernelPolicy.KernelReport.Reporting;

/// <summary>The kernels of all architectures as a table for readers and as one for programs.</summary>
/// <param name="figures">The kernels.</param>
/// <param name="assembler">Release of the assembler.</param>
internal sealed class PtxReport(IReadOnlyList<KernelFigures> figures, string assembler)
{
    private const string Header =
        "kernel,architecture,registers,spill_store_bytes,spill_load_bytes,stack_bytes,shared_bytes,groups,warps,occupancy,limit," +
        "fma_f32,global_loads,global_loads_of_16_bytes,calls";

    /// <summary>Release of ILGPU.</summary>
    private static string Compiler => typeof(Context).Assembly.GetName().Version!.ToString(3);

    /// <summary>The table for readers.</summary>
    public string Markdown()
    {
        StringBuilder text = new();
        string[] names = [.. GpuArchitecture.All.Select(architecture => architecture.Name)];
        text.AppendLine("# Device kernels, compiled and assembled for CUDA").AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"ILGPU {Compiler}, PTX {PtxCompiler.Version}, ptxas {assembler}; no device took part. {figures.Count} programs, of which {figures.Count(f => f.LeavesRegisters)} spill registers or use a stack.");
        text.AppendLine("Made by `dotnet run -c Release --project bench/KernelPolicy.KernelReport -- ptx`.").AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"Numbers a / b / c are of {string.Join(" / ", names)}; one number is of all three. Occupancy is that of groups of {KernelFigures.GroupThreads} threads, in warps");
        text.AppendLine("of the 64 that a multiprocessor holds. Loads and products are places in the program, not how often they run.").AppendLine();
        string[] targets = [.. GpuArchitecture.All.Select(a => string.Join(", ", figures.Where(f => f.Architecture == a).Select(f => f.Ptx.Target).Distinct()))];
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"ILGPU's PTX names {string.Join(" / ", targets)} as its target; the assembler, as a driver would, makes of it a program for the device.").AppendLine();
        MarkdownTable table = new(
            "<kernel", "registers", "spilled bytes", "stack bytes", "shared bytes", "occupancy", "<bound by", "fma.rn.f32", "loads of global memory", "of 16 bytes");
        foreach (IGrouping<string, KernelFigures> kernel in figures.GroupBy(f => f.Kernel))
        {
            table.Add(
                $"`{kernel.Key}`",
                Each(kernel, f => $"{f.Assembled.Registers}"),
                Each(kernel, f => $"{f.Assembled.SpillStores + f.Assembled.SpillLoads}"),
                Each(kernel, f => $"{f.Assembled.StackBytes}"),
                Each(kernel, f => MarkdownTable.Whole(f.Assembled.SharedBytes)),
                Each(kernel, f => MarkdownTable.Percent(f.Occupancy.Share)),
                Each(kernel, f => f.Occupancy.Limit),
                Each(kernel, f => $"{f.Ptx.FusedProducts}"),
                Each(kernel, f => $"{f.Ptx.Loads}"),
                Each(kernel, f => $"{f.Ptx.WideLoads}"));
        }

        table.WriteTo(text);
        return text.ToString();
    }

    /// <summary>The table for programs.</summary>
    public IEnumerable<string> Csv() =>
    [
        Header,
        .. figures.Select(f => string.Create(
            CultureInfo.InvariantCulture,
            $"\"{f.Kernel}\",{f.Architecture.Name},{f.Assembled.Registers},{f.Assembled.SpillStores},{f.Assembled.SpillLoads},{f.Assembled.StackBytes},{f.Assembled.SharedBytes},{f.Occupancy.Groups},{f.Occupancy.Warps},{f.Occupancy.Share},{f.Occupancy.Limit},{f.Ptx.FusedProducts},{f.Ptx.Loads},{f.Ptx.WideLoads},{f.Ptx.Calls}")),
    ];

    private static string Each(IEnumerable<KernelFigures> kernel, Func<KernelFigures, string> cell)
    {
        string[] cells = [.. kernel.Select(cell)];
        return cells.Distinct().Count() == 1 ? cells[0] : string.Join(" / ", cells);
    }
}
