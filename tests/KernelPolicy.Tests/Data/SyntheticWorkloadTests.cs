using KernelPolicy.Data;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

[TestFixture]
public sealed class SyntheticWorkloadTests
{
    [Test]
    public void Threads_do_not_change_it()
    {
        using WorkerTeam alone = new(1);
        using WorkerTeam three = new(3);
        using SyntheticWorkload one = SyntheticWorkload.Create(20_000, 17, 500, 10, 12, 3, alone);
        using SyntheticWorkload two = SyntheticWorkload.Create(20_000, 17, 500, 10, 12, 3, three);
        using SyntheticWorkload other = SyntheticWorkload.Create(20_000, 17, 500, 10, 12, 4, alone);
        Assert.Multiple(() =>
        {
            Assert.That(Enumerable.Range(0, 20_000).All(i => one.Items.PaddedRow(i).SequenceEqual(two.Items.PaddedRow(i))), Is.True);
            Assert.That(one.Histories.Items.SequenceEqual(two.Histories.Items), Is.True);
            Assert.That(one.Rewarded.Items.SequenceEqual(two.Rewarded.Items), Is.True);
            Assert.That(one.Histories.Items.SequenceEqual(other.Histories.Items), Is.False);
            Assert.That(one.Items.Row(5).SequenceEqual(other.Items.Row(5)), Is.False);
        });
    }

    [Test]
    public void Contexts_are_rising_and_disjoint()
    {
        using WorkerTeam team = new(2);
        using SyntheticWorkload work = SyntheticWorkload.Create(5000, 16, 200, 9, 11, 1, team);
        Assert.That((work.Histories.Count, work.Rewarded.Count), Is.EqualTo((200, 200)));
        for (int context = 0; context < 200; context++)
        {
            int[] x = work.Histories[context].ToArray();
            int[] y = work.Rewarded[context].ToArray();
            Assert.That((x.Length, y.Length), Is.EqualTo((9, 11)));
            Assert.That(x.Concat(y).Distinct().Count(), Is.EqualTo(20));
            Assert.That(x, Is.Ordered);
            Assert.That(y, Is.Ordered);
            Assert.That(x.Concat(y), Is.All.InRange(0, 4999));
        }
    }

    [Test]
    public void Rewarded_items_score_above_others_and_norms_are_heavy_tailed()
    {
        using WorkerTeam team = new(2);
        using SyntheticWorkload work = SyntheticWorkload.Create(40_000, 32, 300, 20, 20, 1, team);
        double rewarded = 0;
        double any = 0;
        for (int context = 0; context < 300; context++)
        {
            float[] sum = new float[32];
            foreach (int item in work.Histories[context])
                AddTo(sum, work.Items.Row(item));
            rewarded += work.Rewarded[context].ToArray().Average(i => Dot(sum, work.Items.Row(i)));
            any += Enumerable.Range(0, 100).Average(i => Dot(sum, work.Items.Row(((i * 397) + context) % 40_000)));
        }

        NormSpread spread = NormSpread.Of(work.Items);
        Assert.Multiple(() =>
        {
            Assert.That(rewarded, Is.GreaterThan(10 * Math.Abs(any)));
            Assert.That(spread.Variation, Is.InRange(1.0, 1.8));
            Assert.That(spread.Percentile99OverMedian, Is.InRange(6, 16));
        });
    }

    [Test]
    public void The_least_catalogue_still_ends()
    {
        using WorkerTeam team = new(1);
        using SyntheticWorkload work = SyntheticWorkload.Create(32, 3, 50, 1, 1, 1, team);
        Assert.Multiple(() =>
        {
            Assert.That(work.Histories.ItemCount, Is.EqualTo(50));
            Assert.That(() => SyntheticWorkload.Create(31, 3, 50, 1, 1, 1, team), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    private static void AddTo(float[] sum, ReadOnlySpan<float> row)
    {
        for (int j = 0; j < row.Length; j++)
            sum[j] += row[j];
    }

    private static double Dot(float[] a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int j = 0; j < b.Length; j++)
            sum += (double)a[j] * b[j];
        return sum;
    }
}
