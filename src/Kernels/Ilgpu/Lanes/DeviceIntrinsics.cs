using System.Reflection;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// Instructions that ILGPU 1.5 does not reach by itself. A product and a sum become two instructions there, and a call of
/// <see cref="MathF.FusedMultiplyAdd"/> a call of a function that no device has; at twice the instructions, kernels that are
/// bound by arithmetic would take twice the time.
/// </summary>
internal static class DeviceIntrinsics
{
    private const BindingFlags Everything = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Teaches the compilers of a context. ILGPU's emulator runs the methods as they are.</summary>
    public static void Register(Context context)
    {
        MethodInfo method = typeof(DeviceMath).GetMethod(nameof(DeviceMath.MultiplyAdd), Everything)!;
        IntrinsicImplementationManager manager = context.GetIntrinsicManager();
        manager.RegisterMethod(method, new CLIntrinsic(Generator(nameof(EmitOpenCl)), IntrinsicImplementationMode.GenerateCode));
        manager.RegisterMethod(method, new PTXIntrinsic(Generator(nameof(EmitPtx)), IntrinsicImplementationMode.GenerateCode));
    }

    private static MethodInfo Generator(string name) => typeof(DeviceIntrinsics).GetMethod(name, Everything)!;

    private static void EmitOpenCl(CLBackend _, CLCodeGenerator generator, Value value)
    {
        var call = (MethodCall)value;
        CLCodeGenerator.Variable target = generator.Allocate(call);
        using CLCodeGenerator.StatementEmitter statement = generator.BeginStatement(target);
        statement.AppendCommand("fma");
        statement.BeginArguments();
        foreach (ValueReference argument in call.Nodes)
            statement.AppendArgument(generator.Load(argument));
        statement.EndArguments();
    }

    private static void EmitPtx(PTXBackend _, PTXCodeGenerator generator, Value value)
    {
        var call = (MethodCall)value;
        var target = generator.AllocateHardware(call);
        using PTXCodeGenerator.CommandEmitter command = generator.BeginCommand("fma.rn.f32");
        command.AppendArgument(target);
        foreach (ValueReference argument in call.Nodes)
            command.AppendArgument(generator.LoadPrimitive(argument));
    }
}
