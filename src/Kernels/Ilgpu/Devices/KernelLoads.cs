using ILGPU;
using ILGPU.Runtime;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Compiles kernels for a device, each once: the device keeps them, and whoever wants to know what a training loads can
/// ask it, and needs no list that is kept by hand.</summary>
internal static class KernelLoads
{
    /// <summary>Compiles a kernel of three arguments, launched on the device's own queue.</summary>
    public static Action<KernelConfig, T1, T2, T3> Load<T1, T2, T3>(
        this ComputeDevice device, Action<T1, T2, T3> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct =>
        device.Launcher(kernel.Method, () => device.Accelerator.LoadStreamKernel(kernel));

    /// <summary>Compiles a kernel of four arguments, launched on the device's own queue.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4> Load<T1, T2, T3, T4>(
        this ComputeDevice device, Action<T1, T2, T3, T4> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct =>
        device.Launcher(kernel.Method, () => device.Accelerator.LoadStreamKernel(kernel));

    /// <summary>Compiles a kernel of five arguments, launched on the device's own queue.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5> Load<T1, T2, T3, T4, T5>(
        this ComputeDevice device, Action<T1, T2, T3, T4, T5> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct =>
        device.Launcher(kernel.Method, () => device.Accelerator.LoadStreamKernel(kernel));

    /// <summary>Compiles a kernel of six arguments, launched on the device's own queue.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6> Load<T1, T2, T3, T4, T5, T6>(
        this ComputeDevice device, Action<T1, T2, T3, T4, T5, T6> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct =>
        device.Launcher(kernel.Method, () => device.Accelerator.LoadStreamKernel(kernel));

    /// <summary>Compiles a kernel of seven arguments, launched on the device's own queue.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7> Load<T1, T2, T3, T4, T5, T6, T7>(
        this ComputeDevice device, Action<T1, T2, T3, T4, T5, T6, T7> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct =>
        device.Launcher(kernel.Method, () => device.Accelerator.LoadStreamKernel(kernel));

    /// <summary>Compiles a kernel of eight arguments, launched on the device's own queue.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> Load<T1, T2, T3, T4, T5, T6, T7, T8>(
        this ComputeDevice device, Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct =>
        device.Launcher(kernel.Method, () => device.Accelerator.LoadStreamKernel(kernel));
}
