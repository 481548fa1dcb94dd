namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>How kernels divide their work among the threads of a device.</summary>
/// <param name="GroupSize">Threads of a group.</param>
/// <param name="Groups">Groups that keep the device busy, where the number is free to choose.</param>
internal abstract record DeviceStyle(int GroupSize, int Groups)
{
    /// <summary>Makes something for this style.</summary>
    public abstract T Build<T, TTable>(IKernelFactory<T> factory, ComputeDevice device, TTable items)
        where TTable : struct, ITable;

    /// <summary>Threads that share a table row's columns, for a kernel whose threads each take whole lanes of it.</summary>
    public int DimensionThreads(int stride, int lanes) => Math.Min(GroupSize, stride / lanes);
}

/// <summary>A style of given types.</summary>
/// <typeparam name="TLanes">Numbers that a thread takes at once.</typeparam>
/// <typeparam name="TTeam">Threads that read a row together.</typeparam>
internal sealed record DeviceStyle<TLanes, TTeam>(int GroupSize, int Groups) : DeviceStyle(GroupSize, Groups)
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
{
    /// <inheritdoc/>
    public override T Build<T, TTable>(IKernelFactory<T> factory, ComputeDevice device, TTable items) =>
        factory.Create<TLanes, TTeam, TTable>(device, items);
}
