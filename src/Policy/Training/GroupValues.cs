using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>What rank 0 knows, for all ranks of a training.</summary>
internal static unsafe class GroupValues
{
    private const int HasFailed = -1;

    /// <summary>Gives all ranks a value of rank 0's.</summary>
    /// <param name="group">The ranks.</param>
    /// <param name="make">Makes it; called on rank 0 alone. Where that throws, the other ranks throw too.</param>
    /// <param name="type">How it travels.</param>
    /// <exception cref="TrainingGroupException">Rank 0 could not make it.</exception>
    public static T FromFirst<T>(this ITrainingGroup group, Func<T> make, JsonTypeInfo<T> type)
    {
        if (group.Size == 1)
            return make();
        if (group.Rank > 0)
            return JsonSerializer.Deserialize(group.Receive(), type)!;
        T value;
        try
        {
            value = make();
        }
        catch
        {
            group.SendLength(HasFailed);
            throw;
        }

        group.Send(JsonSerializer.SerializeToUtf8Bytes(value, type));
        return value;
    }

    /// <summary>Gives all ranks the numbers of rank 0's table.</summary>
    public static void FromFirst(this ITrainingGroup group, Matrix table)
    {
        // A span is at most 2 GiB long.
        const long most = 1 << 30;
        byte* first = (byte*)table.Pointer;
        for (long done = 0; done < table.Bytes && group.Size > 1; done += most)
            group.Broadcast(new Span<byte>(first + done, (int)Math.Min(most, table.Bytes - done)));
    }

    /// <summary>Sends bytes to the other ranks, which <see cref="Receive"/> them.</summary>
    public static void Send(this ITrainingGroup group, ReadOnlySpan<byte> bytes)
    {
        group.SendLength(bytes.Length);
        if (bytes.Length > 0)
            group.Broadcast(bytes.ToArray());
    }

    /// <summary>Receives what rank 0 sends.</summary>
    /// <exception cref="TrainingGroupException">Rank 0 has failed.</exception>
    public static byte[] Receive(this ITrainingGroup group)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        group.Broadcast(length);
        int count = BitConverter.ToInt32(length);
        if (count == HasFailed)
            throw new TrainingGroupException("Rank 0 has failed; it says why.");
        byte[] bytes = new byte[count];
        if (count > 0)
            group.Broadcast(bytes);
        return bytes;
    }

    private static void SendLength(this ITrainingGroup group, int value)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BitConverter.TryWriteBytes(length, value);
        group.Broadcast(length);
    }
}
