using KernelPolicy.Data;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

/// <summary>The data sets as their publishers write them; sizes are those their publishers state.</summary>
[TestFixture]
public sealed class PublicDataSetTests
{
    [Test]
    public void Gowalla()
    {
        Interactions data = ReadGowalla();
        AssertSizes(data, 29_858, 40_981, 1_027_370);
        Assert.That(data.ItemIds, Is.EqualTo(Enumerable.Range(0, 40_981).Select(i => $"{i}")));
    }

    [Test]
    public void MovieLens() => AssertSizes(
        InteractionReader.Read(SharedData.Files("ml-latest-small/ratings.csv.gz")), 610, 9_724, 100_836);

    [Test]
    public void Nowplaying()
    {
        Interactions data = InteractionReader.Read(
            SharedData.Files("nowplaying/train_sessions.txt.gz", "nowplaying/test_sessions.txt.gz"),
            new() { Format = InteractionFormat.Sessions });
        Assert.Multiple(() =>
        {
            Assert.That(data.Report.RowsRead, Is.EqualTo(1_057_684));
            Assert.That(data.Report.UsersRead, Is.EqualTo(142_556));
            Assert.That(data.Report.ItemsRead, Is.EqualTo(60_416));
            Assert.That(data.UserCount, Is.EqualTo(142_556 - data.Report.UsersWithOneItem));
        });
    }

    [Test]
    public void Singular_values_of_Gowalla_converge()
    {
        Interactions data = ReadGowalla();
        using WorkerTeam team = new(2);
        double[] usual = Values(data, new() { Rank = 32 }, team);
        double[] more = Values(data, new() { Rank = 32, PowerIterations = 16, Seed = 2 }, team);
        Assert.Multiple(() =>
        {
            for (int j = 0; j < usual.Length; j++)
                Assert.That(usual[j], Is.EqualTo(more[j]).Within(0.002 * more[j]), $"σ[{j}]");
        });
    }

    private static double[] Values(Interactions data, SvdOptions options, WorkerTeam team)
    {
        SvdResult result = TruncatedSvd.Compute(data.UserItems, data.ItemCount, options, team);
        result.ItemFactors.Dispose();
        return result.SingularValues;
    }

    private static Interactions ReadGowalla() =>
        InteractionReader.Read(SharedData.Files("gowalla/gowalla.train.inter.gz", "gowalla/gowalla.test.inter.gz"));

    private static void AssertSizes(Interactions data, int users, int items, int count) =>
        Assert.Multiple(() =>
        {
            Assert.That(data.UserCount, Is.EqualTo(users));
            Assert.That(data.ItemCount, Is.EqualTo(items));
            Assert.That(data.Count, Is.EqualTo(count));
        });
}
