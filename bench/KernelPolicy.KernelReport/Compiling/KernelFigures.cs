using System.Reflection;
using KernelPolicy.KernelReport.Kernels;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.KernelReport.Compiling;

/// <summary>A kernel on one architecture.</summary>
/// <param name="Kernel">Its name.</param>
/// <param name="Architecture">The architecture.</param>
/// <param name="Ptx">What its PTX shows.</param>
/// <param name="Assembled">What the assembler says.</param>
internal sealed record KernelFigures(string Kernel, GpuArchitecture Architecture, PtxFacts Ptx, AssembledKernel Assembled)
{
    /// <summary>Threads of a group, as <see cref="ComputeDevice"/> chooses for CUDA.</summary>
    public const int GroupThreads = ComputeDevice.WarpsPerGroup * 32;

    /// <summary>How full a multiprocessor gets.</summary>
    public Occupancy Occupancy => Architecture.Occupancy(GroupThreads, Assembled.Registers, Assembled.SharedBytes);

    /// <summary>Whether registers did not suffice, or numbers lie where no register can.</summary>
    public bool LeavesRegisters => Assembled.SpillStores > 0 || Assembled.SpillLoads > 0 || Assembled.StackBytes > 0;

    /// <summary>Compiles and assembles all kernels.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="assembler">The assembler.</param>
    /// <param name="folder">Receives the PTX, a file a kernel and architecture.</param>
    /// <param name="failed">Receives what does not compile or assemble, in words.</param>
    public static IReadOnlyList<KernelFigures> Collect(
        IReadOnlyList<MethodInfo> kernels, PtxAssembler assembler, string folder, ICollection<string> failed)
    {
        List<KernelFigures> figures = [];
        foreach (GpuArchitecture architecture in GpuArchitecture.All)
        {
            string target = Directory.CreateDirectory(Path.Combine(folder, architecture.Name)).FullName;
            using PtxCompiler compiler = new(architecture);
            foreach (MethodInfo kernel in kernels)
            {
                try
                {
                    string ptx = compiler.Compile(kernel), file = Path.Combine(target, KernelName.ForFile(kernel) + ".ptx");
                    File.WriteAllText(file, ptx);
                    figures.Add(new KernelFigures(KernelName.Of(kernel), architecture, PtxFacts.Of(ptx), assembler.Assemble(file, architecture)));
                }
                catch (InvalidOperationException e)
                {
                    failed.Add($"{architecture.Name}: {e.Message}");
                }
            }
        }

        return figures;
    }
}
