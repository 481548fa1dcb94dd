namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Makes something that is written over how a device works and how its items are kept.</summary>
internal interface IKernelFactory<out T>
{
    /// <summary>Makes it.</summary>
    /// <typeparam name="TLanes">Numbers that a thread takes at once.</typeparam>
    /// <typeparam name="TTeam">Threads that read a row together.</typeparam>
    /// <typeparam name="TTable">How β is kept.</typeparam>
    T Create<TLanes, TTeam, TTable>(ComputeDevice device, TTable items)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTeam : struct, ITeam
        where TTable : struct, ITable;
}
