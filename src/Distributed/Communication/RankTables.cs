using KernelPolicy.Kernels;

namespace KernelPolicy.Distributed;

/// <summary>Tables that all ranks are to have.</summary>
public static unsafe class RankTables
{
    private const long MostBytes = 1 << 28;

    /// <summary>Gives all ranks the numbers of rank 0's table.</summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="table">The table; of the same shape on all.</param>
    public static void FromFirst(ICommunicator communicator, Matrix table)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        ArgumentNullException.ThrowIfNull(table);
        byte* first = (byte*)table.Pointer;
        for (long done = 0; done < table.Bytes && communicator.Size > 1; done += MostBytes)
            communicator.Broadcast(new Span<byte>(first + done, (int)Math.Min(MostBytes, table.Bytes - done)));
    }
}
