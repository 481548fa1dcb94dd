using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using KernelPolicy.Index;
using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>Saving and loading, and what comes of files that are damaged, forged or foreign.</summary>
public sealed class HnswFileTests
{
    private const int Count = 300;

    private string _folder = null!;
    private string _path = null!;
    private Matrix _items = null!;
    private WorkerTeam _team = null!;
    private HnswIndex _index = null!;
    private byte[] _file = null!;

    [OneTimeSetUp]
    public void Build()
    {
        _folder = Directory.CreateTempSubdirectory("hnsw").FullName;
        _path = Path.Combine(_folder, "index");
        _items = Catalogues.Make(Catalogues.Shape.HeavyTailed, Count, 6);
        for (int item = 250; item < 260; item++)
            _items.Row(5).CopyTo(_items.Row(item));
        _team = new WorkerTeam(2);
        HnswOptions options = new()
        {
            M = 4, EfConstruction = 33, EfSearch = 20, LongestAsStarts = 5, Seed = ulong.MaxValue - 4, Metric = HnswMetric.Euclidean,
        };
        _index = HnswIndex.Build(_items, options, _team);
        _index.Save(_path);
        _file = File.ReadAllBytes(_path);
    }

    [OneTimeTearDown]
    public void Clean()
    {
        _index.Dispose();
        _team.Dispose();
        _items.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void A_loaded_index_is_the_saved_one()
    {
        using HnswIndex loaded = HnswIndex.Load(_path, _items);
        Assert.Multiple(() =>
        {
            Assert.That(loaded.Options, Is.EqualTo(_index.Options));
            Assert.That(loaded.Report, Is.EqualTo(_index.Report with { Seconds = 0 }));
            Assert.That(loaded.Bytes, Is.EqualTo(_index.Bytes));
            AssertSameAnswers(loaded);
        });
        string again = Path.Combine(_folder, "again");
        loaded.Save(again);
        Assert.That(File.ReadAllBytes(again), Is.EqualTo(_file));
    }

    [Test]
    public void Saving_replaces_the_old_file_and_leaves_nothing_beside()
    {
        string path = Path.Combine(_folder, "inner", "replaced");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "old");
        _index.Save(path);
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(_file));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(path)!), Has.Length.EqualTo(1));
    }

    [Test]
    public void Other_items_are_refused()
    {
        using Matrix changed = new(Count, 6);
        changed.CopyFrom(_items);
        changed.Row(7)[2] += 1;
        using Matrix fewer = new(Count - 1, 6);
        using Matrix wider = new(Count, 7);
        Assert.Multiple(() =>
        {
            Assert.That(Refusal(_file, changed), Does.Contain("checksum"));
            Assert.That(Refusal(_file, fewer), Does.Contain("299 items expected, found one over 300"));
            Assert.That(Refusal(_file, wider), Does.Contain("columns of 7 expected, found 6"));
        });
    }

    [Test]
    public void Refusals_name_the_file_and_the_offset()
    {
        byte[] newer = [.. _file];
        newer[12] = 3;
        Assert.That(Refusal(newer), Does.Contain("damaged").And.Contain("offset 12").And.Contain("found 3"));
        byte[] older = [.. _file];
        older[12] = 1;
        int end = SectionFile.TableEnd(BinaryPrimitives.ReadInt32LittleEndian(older.AsSpan(16))) - sizeof(ulong);
        BinaryPrimitives.WriteUInt64LittleEndian(older.AsSpan(end), XxHash3.HashToUInt64(older.AsSpan(0, end)));
        Assert.That(Refusal(older), Does.Contain("build the index again"));
        Assert.That(Refusal("not an index, but long enough to be looked at as one"u8.ToArray()), Does.Contain("offset 0"));
    }

    [Test]
    public void Any_flipped_byte_is_refused_or_harmless()
    {
        RandomDraws draws = new(3, RandomPurpose.Synthetic, 0, 0);
        for (uint i = 0; i < 1000; i++)
        {
            byte[] damaged = [.. _file];

            // Every byte of the head, where structure is; then bytes anywhere.
            int at = i < 400 ? (int)i : draws.Below(3 * i, damaged.Length);
            damaged[at] ^= (byte)(1 + draws.Below((3 * i) + 1, 255));
            TryLoad(damaged, $"byte {at}");
        }
    }

    [Test]
    public void Any_truncation_or_extension_is_refused_or_harmless()
    {
        for (int length = 0; length < _file.Length; length += length < 500 ? 1 : 97)
            TryLoad(_file[..length], $"length {length}");
        TryLoad([.. _file, .. new byte[100]], "extended");
    }

    [Test]
    public void Forged_numbers_under_right_checksums_are_refused()
    {
        RandomDraws draws = new(4, RandomPurpose.Synthetic, 0, 0);
        foreach (string section in new[] { "parameters", "levels", "items", "duplicates", "ground", "upper", "codes", "scales" })
        {
            for (uint i = 0; i < 150; i++)
            {
                byte[] forged = [.. _file];
                (int entry, int offset, int length) = Find(forged, section);
                int at = offset + (draws.Below(3 * i, length / 4) * 4);
                int number = (i % 4) switch
                {
                    0 => draws.Below((3 * i) + 1, Count),
                    1 => Count,
                    2 => int.MinValue,
                    _ => (int)draws.Bits((3 * i) + 1),
                };
                BinaryPrimitives.WriteInt32LittleEndian(forged.AsSpan(at), number);
                Sign(forged, entry, offset, length);
                TryLoad(forged, $"{section} at {at - offset}: {number}");
            }
        }
    }

    [TestCase("ground", 0, Count)]
    [TestCase("ground", 0, -2)]
    [TestCase("ground", 0, Count - 10)]
    [TestCase("items", 0, -1)]
    [TestCase("items", 0, 250)]
    [TestCase("items", 4, Count)]
    [TestCase("duplicates", 20, 3)]
    [TestCase("duplicates", 20, 7)]
    [TestCase("parameters", 16, 400_000_000)]
    [TestCase("parameters", 40, -1)]
    [TestCase("parameters", 44, int.MaxValue)]
    [TestCase("parameters", 60, 2)]
    [TestCase("parameters", 88, 0)]
    public void A_number_that_a_search_would_follow_astray_is_refused(string section, int at, int number)
    {
        byte[] forged = [.. _file];
        (int entry, int offset, int length) = Find(forged, section);
        BinaryPrimitives.WriteInt32LittleEndian(forged.AsSpan(offset + at), number);
        Sign(forged, entry, offset, length);
        Assert.That(Refusal(forged), Does.Contain($"offset {offset + at}").Or.Contain($"offset {offset}"));
    }

    [Test]
    public void A_missing_file_is_no_invalid_file() =>
        Assert.Throws<FileNotFoundException>(() => HnswIndex.Load(Path.Combine(_folder, "none"), _items));

    private static (int Entry, int Offset, int Length) Find(byte[] file, string name)
    {
        int sections = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(16));
        for (int i = 0; i < sections; i++)
        {
            int entry = SectionFile.HeaderBytes + (i * SectionFile.EntryBytes);
            if (Encoding.ASCII.GetString(file, entry, SectionFile.NameBytes).TrimEnd('\0') == name)
                return (entry, (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(entry + 24)),
                    (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(entry + 32)));
        }

        throw new ArgumentException($"There is no section {name}.", nameof(name));
    }

    private static void Sign(byte[] file, int entry, int offset, int length)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(entry + 40), XxHash3.HashToUInt64(file.AsSpan(offset, length)));
        int end = SectionFile.TableEnd(BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(16))) - sizeof(ulong);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(end), XxHash3.HashToUInt64(file.AsSpan(0, end)));
    }

    private string Refusal(byte[] file, Matrix? items = null)
    {
        string path = Path.Combine(_folder, "damaged");
        File.WriteAllBytes(path, file);
        return Assert.Throws<InvalidDataException>(() => HnswIndex.Load(path, items ?? _items).Dispose())!.Message;
    }

    private void TryLoad(byte[] file, string what)
    {
        string path = Path.Combine(_folder, "damaged");
        File.WriteAllBytes(path, file);
        try
        {
            using HnswIndex loaded = HnswIndex.Load(path, _items);
            int[] items = new int[Count];
            float[] scores = new float[Count];
            loaded.Search(_items.Row(3), items, scores);
        }
        catch (InvalidDataException)
        {
            // What is expected of it.
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
        }
    }

    private void AssertSameAnswers(HnswIndex loaded)
    {
        using Matrix queries = Catalogues.MeansOf(_items, 30);
        TopK expected = new(30, 20);
        TopK actual = new(30, 20);
        _index.Search(queries, 30, 20, expected, _team);
        loaded.Search(queries, 30, 20, actual, _team);
        for (int query = 0; query < 30; query++)
        {
            Assert.That(actual.Items(query).ToArray(), Is.EqualTo(expected.Items(query).ToArray()));
            Assert.That(actual.Scores(query).ToArray(), Is.EqualTo(expected.Scores(query).ToArray()));
        }
    }
}
