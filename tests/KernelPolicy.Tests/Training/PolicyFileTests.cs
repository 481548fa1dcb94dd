using KernelPolicy.Files;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Serving;
using NUnit.Framework;

namespace KernelPolicy.Tests.Training;

[TestFixture]
public sealed class PolicyFileTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("kernelpolicy-file").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void What_is_saved_is_loaded()
    {
        string path = Path.Combine(_folder, "policy");
        using SoftmaxPolicy saved = Make();
        PolicyFile.Save(path, saved);
        using SoftmaxPolicy loaded = PolicyFile.Load(path);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loaded.ItemIds, Is.EqualTo(saved.ItemIds));
            Assert.That(loaded.Facts, Is.EquivalentTo(saved.Facts));
            Assert.That(loaded.TryFind("Ünïcode 3", out int item) && item == 3);
            Assert.That(loaded.TryFind("absent", out _), Is.False);
            for (int row = 0; row < 5; row++)
                Assert.That(loaded.Items.PaddedRow(row).ToArray(), Is.EqualTo(saved.Items.PaddedRow(row).ToArray()));
            for (int row = 0; row < 3; row++)
                Assert.That(loaded.Theta.PaddedRow(row).ToArray(), Is.EqualTo(saved.Theta.PaddedRow(row).ToArray()));
        }
    }

    [TestCase("theta")]
    [TestCase("items")]
    public void A_number_that_is_not_finite_is_refused_under_a_right_checksum(string section)
    {
        string path = Path.Combine(_folder, "policy");
        using SoftmaxPolicy saved = Make();
        PolicyFile.Save(path, saved);
        ForgedFile file = ForgedFile.Parse(File.ReadAllBytes(path));
        BitConverter.TryWriteBytes(file[section].Content.AsSpan(4), float.NaN);
        File.WriteAllBytes(path, file.ToBytes());
        Assert.That(
            () => PolicyFile.Load(path),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains($"section '{section}' must hold a finite number in row 0, column 1"));
    }

    [Test]
    public void A_bias_is_kept_and_shifts_scores_and_its_absence_leaves_the_old_format([Values] bool hasBias)
    {
        string path = Path.Combine(_folder, "policy");
        using SoftmaxPolicy plain = Make();
        Matrix? bias = hasBias ? new Matrix(1, 3) : null;
        if (bias is not null)
            (bias.Row(0)[0], bias.Row(0)[1], bias.Row(0)[2]) = (0.5f, -1, 2);
        using Matrix theta = Theta.Initialise(3, ThetaInitialisation.Normal, 1, seed: 2);
        SoftmaxPolicy saved = new(theta, plain.Items, plain.ItemIds, plain.Facts, bias);
        PolicyFile.Save(path, saved);
        using SoftmaxPolicy loaded = PolicyFile.Load(path);
        using var index = new ExactIndex(loaded.Items);
        using var team = new WorkerTeam(1);
        // The empty history is the context of zeros: its query is b.
        Recommendation best = loaded.Recommend(SparseRows.FromLists([[]]), 1, excludeHistory: false, index, team)[0][0];
        double[] scores = [.. Enumerable.Range(0, 5).Select(a => hasBias ? (0.5 * plain.Items.Row(a)[0]) - plain.Items.Row(a)[1] + (2 * plain.Items.Row(a)[2]) : 0)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadAllBytes(path)[12], Is.EqualTo(hasBias ? 2 : 1));
            Assert.That(loaded.Bias?.Row(0).ToArray(), Is.EqualTo(bias?.Row(0).ToArray()));
            Assert.That(best.Score, Is.EqualTo(scores.Max()).Within(1e-5));
        }

        bias?.Dispose();
    }

    [Test]
    public void Recommendations_bear_ids_and_leave_out_the_history()
    {
        using SoftmaxPolicy policy = Make();
        using var index = new ExactIndex(policy.Items);
        using var team = new WorkerTeam(1);
        SparseRows histories = SparseRows.FromLists([[4], []]);
        IReadOnlyList<Recommendation> with = policy.Recommend(histories, 5, excludeHistory: false, index, team)[0];
        IReadOnlyList<Recommendation> without = policy.Recommend(histories, 5, excludeHistory: true, index, team)[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(with.Select(r => r.Item), Is.EquivalentTo(new[] { 0, 1, 2, 3, 4 }));
            Assert.That(with.Select(r => r.Score), Is.Ordered.Descending);
            Assert.That(without.Select(r => r.Item), Is.EqualTo(with.Select(r => r.Item).Where(item => item != 4)));
            Assert.That(without.Select(r => r.Id), Is.EqualTo(without.Select(r => $"Ünïcode {r.Item}")));
        }
    }

    [Test]
    public void A_damaged_file_is_refused_wherever_the_damage_is()
    {
        string path = Path.Combine(_folder, "policy"), bad = Path.Combine(_folder, "bad");
        using (SoftmaxPolicy policy = Make())
            PolicyFile.Save(path, policy);
        byte[] good = File.ReadAllBytes(path);
        int accepted = 0;
        for (int at = 0; at < good.Length; at++)
        {
            byte[] bytes = (byte[])good.Clone();
            bytes[at] ^= 0x41;
            File.WriteAllBytes(bad, bytes);
            try
            {
                PolicyFile.Load(bad).Dispose();
                accepted++;
                Assert.That(good[at], Is.Zero, $"byte {at} is not padding, yet a change was accepted");
            }
            catch (InvalidDataException e)
            {
                Assert.That(e.Message, Does.StartWith(bad));
            }
        }

        // Sections start on 64-byte boundaries: at most 63 bytes before each of the five, and after the last, are padding.
        Assert.That(accepted, Is.LessThanOrEqualTo(6 * 63));
    }

    [Test]
    public void A_file_of_another_kind_and_a_newer_one_are_told_apart()
    {
        string path = Path.Combine(_folder, "policy");
        using (SoftmaxPolicy policy = Make())
            PolicyFile.Save(path, policy);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[12] = 99;
        File.WriteAllBytes(path, bytes);
        Assert.That(() => PolicyFile.Load(path), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("99"));
        bytes[8] = (byte)'X';
        File.WriteAllBytes(path, bytes);
        Assert.That(() => PolicyFile.Load(path), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("XLCY"));
        File.WriteAllText(path, "userId,movieId\n1,2\nand so on, and so on, and so on");
        Assert.That(() => PolicyFile.Load(path), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("not a file of KernelPolicy"));
        Assert.That(() => PolicyFile.Load(Path.Combine(_folder, "absent")), Throws.InstanceOf<FileNotFoundException>());
    }

    [Test]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_beside_it()
    {
        string path = Path.Combine(_folder, "file");
        File.WriteAllText(path, "old");
        Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(1);
            throw new IOException("the disk is full");
        }));
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { path }));
    }

    private static SoftmaxPolicy Make()
    {
        var items = new Matrix(5, 3);
        for (int row = 0; row < 5; row++)
        {
            for (int l = 0; l < 3; l++)
                items.Row(row)[l] = (row * 1.5f) - (l * row * row) + l;
        }

        Matrix theta = Theta.Initialise(3, ThetaInitialisation.Normal, 1, seed: 2);
        return new SoftmaxPolicy(
            theta, items, Enumerable.Range(0, 5).Select(i => $"Ünïcode {i}").ToArray(), new Dictionary<string, string> { ["seed"] = "1" });
    }
}
