using ILGPU;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.DeviceTraining;

/// <summary>What every step does whatever its estimator: H = XΘ before, and Adam's ascent by XᵀG after.</summary>
internal interface IStepKernels
{
    /// <summary>Launches H = XΘ.</summary>
    void Project(BatchView batch, DeviceMatrix contexts, DeviceMatrix theta, DeviceMatrix projected, ArrayView<float> panels);

    /// <summary>Launches the look through X and G and the ascent.</summary>
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
/// <remarks>Three launches a step.</remarks>
internal sealed class StepKernels<TLanes>(ComputeDevice device) : IStepKernels
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly Action<KernelConfig, ArrayView<float>, FloatTable, int, ArrayView<float>, ArrayView<float>> _project =
        device.Load<ArrayView<float>, FloatTable, int, ArrayView<float>, ArrayView<float>>(ProjectionKernel.Run<TLanes>);

    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, BatchView, int, BatchReport, TrainingNotes> _note =
        device.Load<ArrayView<float>, ArrayView<float>, BatchView, int, BatchReport, TrainingNotes>(BatchNotesKernel.Run);

    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, BatchView, int, AdamConstants, AdamTables, TrainingNotes> _ascend =
        device.Load<ArrayView<float>, ArrayView<float>, BatchView, int, AdamConstants, AdamTables, TrainingNotes>(AdamKernel.Run<TLanes>);

    /// <inheritdoc/>
    public void Project(BatchView batch, DeviceMatrix contexts, DeviceMatrix theta, DeviceMatrix projected, ArrayView<float> panels)
    {
        device.CountLaunch("projection");
        _project(
            new KernelConfig(batch.Count, device.Style.GroupSize), contexts.View, theta.Table, (int)theta.Rows, projected.View, panels);
    }

    /// <inheritdoc/>
    public void Ascend(
        BatchView batch, DeviceMatrix contexts, DeviceMatrix gradients, BatchReport report, AdamConstants constants, AdamTables tables,
        TrainingNotes notes)
    {
        device.CountLaunch("batch notes");
        _note(new KernelConfig(1, device.Style.GroupSize), contexts.View, gradients.View, batch, gradients.Stride, report, notes);
        device.CountLaunch("outer product and Adam");
        _ascend(
            new KernelConfig(contexts.Columns, device.Style.GroupSize), contexts.View, gradients.View, batch, gradients.Stride, constants,
            tables, notes);
    }
}
