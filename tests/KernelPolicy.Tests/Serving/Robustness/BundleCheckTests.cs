using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>What must not stand in a bundle even under right checksums: the message names file, place and what was expected.</summary>
public sealed class BundleCheckTests
{
    // Rows of 5 numbers are padded to 16.
    private const int Stride = 16;

    private string _folder = null!;
    private byte[] _file = null!;

    [OneTimeSetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("kernelpolicy-check-").FullName;
        _file = RobustnessCase.Bytes(BundleShape.Full, _folder);
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, true);

    [Test]
    public void Numbers_of_tables_are_finite(
        [Values("theta", "bias", "beta")] string section,
        [Values(float.NaN, float.PositiveInfinity, float.NegativeInfinity)] float value, [Values] BundleVerification verification)
    {
        int row = section switch { "theta" => 4, "beta" => 69, _ => 0 }, at = (row * Stride) + 3;
        string? refusal = Refusal(section, forged => forged.Set(at, value), out long offset, verification);
        if (section == "beta" && verification == BundleVerification.Sizes)
            Assert.That(refusal, Is.Null, "β is not read then.");
        else
            Assert.That(refusal, Does.Contain($"offset {offset + (4L * at)}:").And.Contain($"a finite number in row {row}, column 3, not {value}"));
    }

    [Test]
    public void Padding_of_tables_is_zero([Values("theta", "bias", "beta")] string section, [Values(5, 15)] int column, [Values(1f, float.NaN)] float value)
    {
        int row = section switch { "theta" => 1, "beta" => 33, _ => 0 }, at = (row * Stride) + column;
        Assert.That(
            Refusal(section, forged => forged.Set(at, value), out long offset),
            Does.Contain($"offset {offset + (4L * at)}:").And.Contain($"zero in the padding of row {row}, not {value}"));
    }

    [Test]
    public void Ids_end_in_order_and_fill_their_section()
    {
        Assert.That(Refusal("item-id-ends", ends => ends.SetLong(5, -1), out long offset), Does.Contain($"offset {offset + 40}:").And.Contain("found -1"));
        Assert.That(Refusal("item-id-ends", ends => ends.SetLong(0, 5000), out _), Does.Contain("end of id 0").And.Contain("found 5000"));
        Assert.That(Refusal("item-id-ends", ends => ends.SetLong(69, 1), out _), Does.Contain("end of id 69"));
        Assert.That(Refusal("item-ids", ids => ids.Content = [.. ids.Content, 65], out _), Does.Contain("end of id 69"));
        Assert.That(Refusal("item-ids", ids => ids.Content[0] = 0xFF, out offset), Does.Contain($"offset {offset}:").And.Contain("item 0 in UTF-8"));
    }

    [Test]
    public void Two_items_do_not_have_one_id()
    {
        // Ids 20 and 30 have the same length. Item 30 stands where the id that it takes over leads.
        ForgedFile file = ForgedFile.Parse(_file);
        ForgedSection text = file["item-ids"], ends = file["item-id-ends"];
        int of20 = (int)End(ends, 19), of30 = (int)End(ends, 29), length = (int)End(ends, 20) - of20;
        text.Content.AsSpan(of20, length).CopyTo(text.Content.AsSpan(of30));
        file["item-id-slots"].Content = Slots(Ids(text, ends));
        Assert.That(Refusal(file.ToBytes()), Does.Contain("another id for item 30 than item 20 has"));
    }

    [Test]
    public void Every_item_is_found_from_the_slot_that_its_id_leads_to()
    {
        Assert.That(Refusal("item-id-slots", slots => slots.Set(First(slots, used: true), 70), out _), Does.Contain("an item of 0 to 69 or -1 expected, found 70"));
        Assert.That(Refusal("item-id-slots", slots => slots.Set(First(slots, used: true), -1), out _), Does.Contain("expected"));
        Assert.That(Refusal("item-id-slots", slots => slots.Content.AsSpan().Clear(), out _), Does.Contain("70 used slots expected, found 256"));
        Assert.That(Refusal("item-id-slots", slots => slots.Content.AsSpan().Fill(0xFF), out _), Does.Contain("70 used slots expected, found 0"));

        // One more step than the free slot between allows.
        Assert.That(Refusal("item-id-slots", MoveOne, out _), Does.Contain("an item whose id leads to this slot expected"));

        static void MoveOne(ForgedSection slots)
        {
            int mask = slots.Numbers - 1, from = 0;
            while (slots.Int(from) < 0 || slots.Int((from + 1) & mask) >= 0 || slots.Int((from + 2) & mask) >= 0)
                from++;
            slots.Set((from + 2) & mask, slots.Int(from));
            slots.Set(from, -1);
        }
    }

    [Test]
    public void An_item_has_one_slot()
    {
        string? refusal = Refusal("item-id-slots", slots =>
        {
            int at = First(slots, used: true);
            while (slots.Int((at + 1) & (slots.Numbers - 1)) < 0)
                at = First(slots, used: true, after: at);
            slots.Set((at + 1) & (slots.Numbers - 1), slots.Int(at));
        }, out _);
        Assert.That(refusal, Does.Contain("which has a slot already").Or.Contain("used slots expected"));
    }

    /// <summary>The numbers that follow from P do not overflow up to the most that a bundle holds.</summary>
    [Test]
    public void Slots_of_the_largest_catalogues()
    {
        foreach (int items in (int[])[1, 2, 3, 1 << 20, (1 << 29) - 1, 1 << 29])
        {
            long slots = ItemIdTable.SlotCount(items);
            Assert.That(slots, Is.AtLeast(2L * items).And.LessThan(Math.Max(3, 4L * items)).And.LessThan(Array.MaxLength));
            Assert.That(long.IsPow2(slots), Is.True);
        }

        Assert.That(ItemIdTable.MostItems, Is.EqualTo(1 << 29));
        Assert.That(() => ItemIdTable.Sections(new ManyIds()), Throws.ArgumentException.With.Message.Contains("536870913 items; a bundle holds the ids of up to 536870912"));
    }

    private static long End(ForgedSection ends, int item) => BinaryPrimitives.ReadInt64LittleEndian(ends.Content.AsSpan(item * sizeof(long)));

    private static string[] Ids(ForgedSection text, ForgedSection ends) => [.. Enumerable.Range(0, 70).Select(item =>
    {
        int start = item == 0 ? 0 : (int)End(ends, item - 1);
        return Encoding.UTF8.GetString(text.Content, start, (int)End(ends, item) - start);
    })];

    /// <summary>The table of slots, as the format says, of ids that may be equal.</summary>
    private static byte[] Slots(string[] ids)
    {
        int[] slots = new int[256];
        Array.Fill(slots, -1);
        for (int item = 0; item < ids.Length; item++)
        {
            int slot = (int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(ids[item])) % 256);
            while (slots[slot] >= 0)
                slot = (slot + 1) % 256;
            slots[slot] = item;
        }

        return [.. slots.SelectMany(BitConverter.GetBytes)];
    }

    private static int First(ForgedSection slots, bool used, int after = -1)
    {
        int slot = after + 1;
        while (slots.Int(slot) >= 0 != used)
            slot++;
        return slot;
    }

    private string? Refusal(string section, Action<ForgedSection> forge, out long offset, BundleVerification verification = BundleVerification.Full)
    {
        ForgedFile file = ForgedFile.Parse(_file);
        forge(file[section]);
        long at = 0;
        file[section].Offset = real => at = real;
        byte[] bytes = file.ToBytes();
        offset = at;
        return Refusal(bytes, verification);
    }

    private string? Refusal(byte[] bytes, BundleVerification verification = BundleVerification.Full)
    {
        string path = Path.Combine(_folder, "forged.kpolicy");
        File.WriteAllBytes(path, bytes);
        try
        {
            ServingBundle.Open(path, verification).Dispose();
            return null;
        }
        catch (InvalidDataException e)
        {
            Assert.That(e.Message, Does.StartWith(path));
            return e.Message;
        }
    }

    /// <summary>One id more than a bundle holds; never asked for one.</summary>
    private sealed class ManyIds : IReadOnlyList<string>
    {
        public int Count => ItemIdTable.MostItems + 1;

        public string this[int index] => throw new InvalidOperationException();

        public IEnumerator<string> GetEnumerator() => throw new InvalidOperationException();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
