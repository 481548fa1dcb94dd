using KernelPolicy.Data;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

[TestFixture]
public sealed class SessionSplitTests
{
    private static readonly Interactions Log =
        SyntheticInteractions.Generate(new() { Items = 500, Users = 1003, Clusters = 10, MeanDraws = 12 }).Interactions;

    [Test]
    public void Parts_hold_each_user_once_in_the_shares_asked()
    {
        SessionSplit split = SessionSplit.Create(Log, 7);
        int[] all = [.. split.Train.Users, .. split.Validation.Users, .. split.Test.Users];
        Assert.Multiple(() =>
        {
            Assert.That(all.Order(), Is.EqualTo(Enumerable.Range(0, 1003)));
            Assert.That(all, Is.Not.Ordered);
            Assert.That(split.Train.Count, Is.EqualTo(802));
            Assert.That(split.Validation.Count, Is.EqualTo(101));
            Assert.That(split.Test.Count, Is.EqualTo(100));
            Assert.That(split.ItemCount, Is.EqualTo(500));
        });
    }

    [Test]
    public void Halves_are_rising_and_make_up_the_users_items()
    {
        SessionSplit split = SessionSplit.Create(Log, 7);
        foreach (SplitPart part in new[] { split.Train, split.Validation, split.Test })
        {
            for (int i = 0; i < part.Count; i++)
            {
                int[] x = part.Histories[i].ToArray();
                int[] y = part.Rewarded[i].ToArray();
                int[] items = Log.UserItems[part.Users[i]].ToArray();
                Assert.That(x, Has.Length.EqualTo(items.Length / 2));
                Assert.That(x, Is.Ordered);
                Assert.That(y, Is.Ordered);
                Assert.That(x.Concat(y).Order(), Is.EqualTo(items));
            }
        }
    }

    [Test]
    public void Halving_favours_no_place_in_the_list()
    {
        // Each place of a user's list falls in X with probability ⌊n/2⌋/n. Over users and seeds, the first place:
        double expected = 0;
        double variance = 0;
        int inX = 0;
        for (ulong seed = 0; seed < 20; seed++)
        {
            SplitPart part = SessionSplit.Create(Log, seed).Train;
            for (int i = 0; i < part.Count; i++)
            {
                ReadOnlySpan<int> items = Log.UserItems[part.Users[i]];
                double p = (double)(items.Length / 2) / items.Length;
                expected += p;
                variance += p * (1 - p);
                inX += part.Histories[i].Contains(items[0]) ? 1 : 0;
            }
        }

        // Four standard errors: a fair split fails this once in 16,000 seeds.
        Assert.That(inX, Is.EqualTo(expected).Within(4 * Math.Sqrt(variance)));
    }

    [Test]
    public void A_users_halves_hang_on_seed_and_number_alone()
    {
        Interactions fewer = new(
            new KernelPolicy.Kernels.SparseRows(Log.UserItems.Offsets[..501].ToArray(), Log.UserItems.Items[..(int)Log.UserItems.Offsets[500]].ToArray()),
            Log.UserIds[..500], Log.ItemIds, Log.Report);
        Dictionary<int, int[]> all = HistoryOf(SessionSplit.Create(Log, 7));
        Dictionary<int, int[]> some = HistoryOf(SessionSplit.Create(fewer, 7));
        Dictionary<int, int[]> other = HistoryOf(SessionSplit.Create(fewer, 8));
        Assert.Multiple(() =>
        {
            Assert.That(some.All(u => u.Value.SequenceEqual(all[u.Key])), Is.True);
            Assert.That(other.All(u => u.Value.SequenceEqual(all[u.Key])), Is.False);
        });
    }

    [Test]
    public void Bad_shares_and_users_with_one_item_are_refused()
    {
        Interactions one = new(new KernelPolicy.Kernels.SparseRows([0, 1], [0]), ["u"], ["i"], new LoadReport());
        Assert.Multiple(() =>
        {
            Assert.That(() => SessionSplit.Create(Log, 1, new() { TrainFraction = 0 }), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => SessionSplit.Create(Log, 1, new() { TrainFraction = double.NaN }), Throws.InstanceOf<ArgumentException>());
            Assert.That(
                () => SessionSplit.Create(Log, 1, new() { ValidationFraction = 0.3 }),
                Throws.InstanceOf<ArgumentException>().With.Message.Contains("0.3"));
            Assert.That(
                () => SessionSplit.Create(one, 1), Throws.InstanceOf<ArgumentException>().With.Message.Contains("User 0"));
        });
    }

    [Test]
    public void The_training_matrix_holds_X_or_all()
    {
        SplitPart train = SessionSplit.Create(Log, 7).Train;
        KernelPolicy.Kernels.SparseRows both = TrainingMatrix.Build(train, EmbeddingSource.HistoriesAndRewarded);
        Assert.That(TrainingMatrix.Build(train, EmbeddingSource.Histories), Is.SameAs(train.Histories));
        for (int i = 0; i < train.Count; i++)
            Assert.That(both[i].ToArray(), Is.EqualTo(Log.UserItems[train.Users[i]].ToArray()));
    }

    private static Dictionary<int, int[]> HistoryOf(SessionSplit split) =>
        new[] { split.Train, split.Validation, split.Test }
            .SelectMany(p => p.Users.Select((user, i) => (user, Items: p.Histories[i].ToArray())))
            .ToDictionary(u => u.user, u => u.Items);
}
