using KernelPolicy.Distributed;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

[TestFixture]
public sealed class ItemShardTests
{
    [Test]
    public void Every_item_is_with_one_rank([Values(1, 2, 3, 7)] int ranks, [Values(7, 8, 100, 2_147_483_647)] int items)
    {
        ItemShards shards = new(items, ranks);
        int next = 0;
        for (int rank = 0; rank < ranks; rank++)
        {
            ItemShard shard = shards[rank];
            Assert.That(shard.First, Is.EqualTo(next));
            Assert.That(shard.Count, Is.EqualTo(items / ranks).Or.EqualTo((items / ranks) + 1));
            next = shard.End;
            foreach (int item in new[] { shard.First, shard.End - 1 })
            {
                Assert.That(shards.RankOf(item), Is.EqualTo(rank), $"item {item}");
                Assert.That(shard.Contains(item));
            }
        }

        Assert.That(next, Is.EqualTo(items));
    }

    [Test]
    public void What_there_is_not_is_said()
    {
        ItemShards shards = new(10, 3);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => new ItemShards(2, 3), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("at least 3"));
            Assert.That(() => new ItemShards(2, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => shards[3], Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => shards.RankOf(10), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => shards.RankOf(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        }
    }

    /// <summary>A shard's rewards are those of the catalogue, by its own numbers.</summary>
    [Test]
    public void Rewards_of_a_shard([Values(1, 2, 3, 4)] int ranks, [Values] bool isSparse)
    {
        const int Catalogue = 600;
        SparseRows rewarded = SparseRows.FromLists([[3, 5, 299, 300, 599], [], [0], [.. Enumerable.Range(100, 400)]]);
        IRewardSource whole = isSparse ? new SessionReward(rewarded) : new RewardFunction(4, (context, item) => (context * 1000) + item);
        ItemShards shards = new(Catalogue, ranks);
        for (int rank = 0; rank < ranks; rank++)
        {
            ItemShard shard = shards[rank];
            ShardRewards own = new(whole, shard);
            Assert.That((own.Count, own.IsSparse), Is.EqualTo((4, isSparse)));
            int[] all = [.. Enumerable.Range(0, shard.Count)];
            for (int context = 0; context < 4; context++)
            {
                int[] expected = isSparse ? [.. rewarded[context].ToArray().Where(shard.Contains).Select(item => item - shard.First)] : [];
                Assert.That(own.RewardedItems(context).ToArray(), Is.EqualTo(expected));
                float[] rewards = new float[shard.Count], expectedRewards = new float[shard.Count];
                own.Fill(context, all, rewards);
                whole.Fill(context, [.. all.Select(item => item + shard.First)], expectedRewards);
                Assert.That(rewards, Is.EqualTo(expectedRewards));
            }
        }
    }
}
