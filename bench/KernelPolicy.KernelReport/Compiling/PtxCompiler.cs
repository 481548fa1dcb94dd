using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using KernelPolicy.KernelReport.Kernels;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.KernelReport.Compiling;

/// <summary>Compiles kernels to PTX for one architecture, as a device's context does, without a device.</summary>
internal sealed class PtxCompiler : IDisposable
{
    // What the assembler of CUDA 12.4 reads. A driver of that age lets ILGPU choose the same.
    private static readonly CudaInstructionSet InstructionSet = CudaInstructionSet.ISA_84;

    private readonly Context _context = ComputeDevice.CreateContext(builder => builder);
    private readonly PTXBackend _backend;

    /// <summary>A compiler.</summary>
    public PtxCompiler(GpuArchitecture architecture) => _backend = new PTXBackend(
        _context, new CudaCapabilityContext(architecture.Cuda), architecture.Cuda, InstructionSet, nvvmAPI: null);

    /// <summary>The version of PTX.</summary>
    public static string Version => InstructionSet.ToString();

    /// <summary>The kernel in PTX.</summary>
    /// <exception cref="InvalidOperationException">It does not compile.</exception>
    public string Compile(MethodInfo kernel)
    {
        try
        {
            EntryPointDescription entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
            return ((PTXCompiledKernel)_backend.Compile(entry, KernelSpecialization.Empty)).PTXAssembly;
        }
        catch (Exception e) when (e is InternalCompilerException or NotSupportedException or CapabilityNotSupportedException)
        {
            throw new InvalidOperationException($"{KernelName.Of(kernel)} does not compile: {(e.InnerException ?? e).Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _backend.Dispose();
        _context.Dispose();
    }
}
