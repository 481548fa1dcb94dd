using System.Globalization;
using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Policies of which each rank reads its own items, and that are written by ranks which have no more.</summary>
[TestFixture]
public sealed class ShardedLoadingTests
{
    private const int Catalogue = 1003;
    private const int Dimension = 19;

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("kernelpolicy-shards").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Each_rank_reads_its_own_rows([Values(1, 2, 3, 4)] int ranks, [Values] bool isBundle, [Values] bool hasBias)
    {
        string path = Save(hasBias, isBundle);
        using Matrix items = Items();
        ItemShards shards = new(Catalogue, ranks);
        for (int rank = 0; rank < ranks; rank++)
        {
            using ItemRowsFile file = new(path);
            Assert.That((file.Items, file.Dimension), Is.EqualTo((Catalogue, Dimension)));
            long before = GC.GetAllocatedBytesForCurrentThread();
            using Matrix own = file.Read(shards[rank].First, shards[rank].Count);
            // No other row stays or passes through the heap: 10 KB are an eighth of the table.
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10_000));
            Assert.That(own.Rows, Is.EqualTo(shards[rank].Count));
            using Matrix expected = ShardParts.Rows(items, shards[rank]);
            Assert.That(ShardParts.Values(own), Is.EqualTo(ShardParts.Values(expected)));
            QueryMap query = file.ReadQuery();
            using Matrix theta = query.Theta;
            using Matrix? bias = query.Bias;
            Assert.That(theta.Row(3)[4], Is.EqualTo(Theta().Row(3)[4]));
            Assert.That(bias is not null, Is.EqualTo(hasBias));
        }
    }

    /// <summary>A damaged byte is found wherever it lies, a number that is none where it is read; places are the file's.</summary>
    [Test]
    public void Damage_is_found()
    {
        string path = Save(hasBias: false, isBundle: false);
        byte[] bytes = File.ReadAllBytes(path);
        int at = IndexOf(bytes, BitConverter.GetBytes(Items().Row(900)[5]));
        bytes[at] ^= 1;
        string damaged = Path.Combine(_folder, "damaged");
        File.WriteAllBytes(damaged, bytes);
        using (ItemRowsFile file = new(damaged))
        {
            Assert.That(() => file.Read(0, 10), Throws.TypeOf<InvalidDataException>().With.Message.Contains("checksum"));
            Assert.That(() => file.Read(995, 9), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => file.Read(-1, 2), Throws.TypeOf<ArgumentOutOfRangeException>());
        }

        using Matrix wrong = Items();
        wrong.Row(900)[5] = float.NaN;
        string notFinite = Path.Combine(_folder, "nan");
        PolicyFile.Save(notFinite, Policy(wrong, null));
        using (ItemRowsFile file = new(notFinite))
        {
            using Matrix before = file.Read(0, 900);
            Assert.That(
                () => file.Read(890, 20),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("row 900, column 5")
                    .And.Message.Contains(string.Create(CultureInfo.InvariantCulture, $"offset {at}:")));
        }

        string other = Path.Combine(_folder, "other");
        File.WriteAllText(other, "no policy");
        Assert.That(() => new ItemRowsFile(other), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => new ItemRowsFile(Path.Combine(_folder, "none")), Throws.TypeOf<FileNotFoundException>());
    }

    /// <summary>What ranks write is, byte for byte, what one process would.</summary>
    [Test]
    public void Ranks_write_the_file_that_one_process_writes([Values(1, 2, 3, 4)] int ranks, [Values] bool hasBias)
    {
        string expected = Save(hasBias, isBundle: false), path = Path.Combine(_folder, "spread");
        using Matrix items = Items(), theta = Theta();
        using Matrix? bias = hasBias ? Seeded.Matrix(3, 1, Dimension) : null;
        LocalRanks.Run(ranks, communicator =>
        {
            ItemShards shards = new(Catalogue, communicator.Size);
            using Matrix own = ShardParts.Rows(items, shards[communicator.Rank]);
            using WorkerTeam team = new(1);
            using SpreadItems spread = new(communicator, shards, own, team);
            Assert.That(() => spread.Save(path, theta, ["one"], Facts), Throws.ArgumentException.With.Message.Contains("1 ids"));
            spread.Save(path, new QueryMap(theta, bias), Ids, Facts);
            Assert.That(File.Exists(path), "written when it returns, on every rank");
        });
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(File.ReadAllBytes(expected)));
    }

    /// <summary>Parts that are smaller than a shard, end within one or cover several.</summary>
    [Test]
    public void Rows_are_brought_part_by_part([Values(1, 2, 4)] int ranks, [Values(1, 7, 600, 2000)] int rowsAtOnce)
    {
        using Matrix items = Items();
        LocalRanks.Run(ranks, communicator =>
        {
            ItemShards shards = new(Catalogue, communicator.Size);
            using Matrix own = ShardParts.Rows(items, shards[communicator.Rank]);
            using ShardCollection collection = new(communicator, shards, own, rowsAtOnce);
            for (int first = 0; first < Catalogue; first += rowsAtOnce)
            {
                collection.Bring(first);
                for (int row = 0; communicator.Rank == 0 && row < Math.Min(rowsAtOnce, Catalogue - first); row++)
                {
                    if (!collection.Rows.PaddedRow(row).SequenceEqual(items.PaddedRow(first + row)))
                        Assert.Fail($"row {first + row}");
                }
            }
        });
    }

    private static string[] Ids => [.. Enumerable.Range(0, Catalogue).Select(item => string.Create(CultureInfo.InvariantCulture, $"id-{item}"))];

    private static Dictionary<string, string> Facts => new() { ["seed"] = "1" };

    private static Matrix Items() => Seeded.Matrix(1, Catalogue, Dimension);

    private static Matrix Theta() => Seeded.Matrix(2, Dimension, Dimension);

    private static SoftmaxPolicy Policy(Matrix items, Matrix? bias) => new(Theta(), items, Ids, Facts, bias);

    private static int IndexOf(byte[] bytes, byte[] part) => bytes.AsSpan().IndexOf(part);

    private string Save(bool hasBias, bool isBundle)
    {
        string path = Path.Combine(_folder, "policy");
        using WorkerTeam team = new(1);
        Matrix items = Items();
        using SoftmaxPolicy policy = Policy(items, hasBias ? Seeded.Matrix(3, 1, Dimension) : null);
        if (!isBundle)
        {
            PolicyFile.Save(path, policy);
            return path;
        }

        using HnswIndex index = HnswIndex.Build(items, null, team);
        ServingBundle.Save(path, policy, index);
        return path;
    }
}
