using KernelPolicy.Kernels;

namespace KernelPolicy.Distributed;

/// <summary>What all that works on shards asks of its parts.</summary>
internal static class ShardCheck
{
    /// <summary>This rank's shard, after a look whether ranks and rows are as many as it says.</summary>
    /// <exception cref="ArgumentException">They are not.</exception>
    public static ItemShard Own(ICommunicator communicator, ItemShards shards, Matrix ownItems)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentNullException.ThrowIfNull(ownItems);
        if (shards.Ranks != communicator.Size)
            throw new ArgumentException($"The catalogue lies in {shards.Ranks} shards, but there are {communicator.Size} ranks.", nameof(shards));
        ItemShard shard = shards[communicator.Rank];
        if (ownItems.Rows != shard.Count)
        {
            throw new ArgumentException(
                $"Rank {communicator.Rank} has the items {shard.First} to {shard.End - 1}, {shard.Count} of them; β has {ownItems.Rows} rows.", nameof(ownItems));
        }

        return shard;
    }
}
