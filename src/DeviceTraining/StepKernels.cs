using ILGPU;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.DeviceTraining;

/// <summary>What ends every step whatever its estimator: Adam's ascent by XᵀG.</summary>
internal interface IStepKernels
{
    /// <summary>Launches it.</summary>
    void Ascend(
        BatchView batch, DeviceMatrix contexts, DeviceMatrix gradients, BatchReport report, AdamConstants constants, AdamTables tables,
        TrainingNotes notes);
}

/// <summary>Makes <see cref="IStepKernels"/>.</summary>
internal sealed class StepKernelsFactory : IKernelFactory<IStepKernels>
{
    /// <inheritdoc/>
    public IStepKernels Create<TLanes, TTeam, TTable>(ComputeDevice device, TTable items)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTeam : struct, ITeam
        where TTable : struct, ITable => new StepKernels<TLanes>(device);
}

/// <inheritdoc/>
/// <remarks>One launch a step.</remarks>
internal sealed class StepKernels<TLanes>(ComputeDevice device) : IStepKernels
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, BatchView, int, AdamConstants, AdamTables, BatchReport, TrainingNotes> _ascend =
        device.Load<ArrayView<float>, ArrayView<float>, BatchView, int, AdamConstants, AdamTables, BatchReport, TrainingNotes>(AdamKernel.Run<TLanes>);

    /// <inheritdoc/>
    public void Ascend(
        BatchView batch, DeviceMatrix contexts, DeviceMatrix gradients, BatchReport report, AdamConstants constants, AdamTables tables,
        TrainingNotes notes)
    {
        device.CountLaunch("outer product and Adam");
        _ascend(
            new KernelConfig(contexts.Columns, device.Style.GroupSize), contexts.View, gradients.View, batch, gradients.Stride, constants,
            tables, report, notes);
    }
}
