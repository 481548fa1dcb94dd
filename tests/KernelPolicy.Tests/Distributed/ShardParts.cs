using KernelPolicy.Distributed;
using KernelPolicy.Kernels;

namespace KernelPolicy.Tests.Distributed;

/// <summary>What the tests of shards cut out of whole tables.</summary>
internal static class ShardParts
{
    /// <summary>The rows of a shard, copied.</summary>
    public static Matrix Rows(Matrix whole, ItemShard shard)
    {
        Matrix own = new(shard.Count, whole.Columns);
        for (int row = 0; row < shard.Count; row++)
            whole.PaddedRow(shard.First + row).CopyTo(own.PaddedRow(row));
        return own;
    }

    /// <summary>All values of a table, row after row.</summary>
    public static float[] Values(Matrix table)
    {
        List<float> values = [];
        for (long row = 0; row < table.Rows; row++)
            values.AddRange(table.Row(row));
        return [.. values];
    }

    /// <summary>What every rank made; they all work at once.</summary>
    public static T[] OfEach<T>(int ranks, Func<ICommunicator, T> work)
    {
        T[] made = new T[ranks];
        LocalRanks.Run(ranks, communicator => made[communicator.Rank] = work(communicator));
        return made;
    }
}
