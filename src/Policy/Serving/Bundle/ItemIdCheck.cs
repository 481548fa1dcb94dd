using System.IO.Hashing;
using System.Text.Unicode;
using KernelPolicy.Index.Files;

namespace KernelPolicy.Policy;

/// <summary>Checks that what a file says of its items' ids is so: each item has an id of its own, and is found by it.</summary>
/// <remarks>
/// One pass over the ids and one over the slots, and 8 bytes an item while it runs. A slot is compared with those from its
/// id's own on, as when the table was written: the distances add up to the same in whatever order the ids came, so that no forged
/// order of them makes a check longer than a writing.
/// </remarks>
internal sealed class ItemIdCheck(SectionFileReader file, ItemIdTable ids)
{
    /// <summary>Checks all.</summary>
    /// <exception cref="InvalidDataException">Something is not so; the message names its place.</exception>
    public void Run()
    {
        CheckEnds();
        CheckSlots(Hashes());
    }

    private void CheckEnds()
    {
        ReadOnlySpan<long> ends = ids.EndsOfIds;
        long previous = 0;
        for (int item = 0; item < ends.Length; item++)
        {
            long least = item == ends.Length - 1 ? ids.TextLength : previous, most = Math.Min(ids.TextLength, previous + ItemIdTable.LongestId);
            if (ends[item] < least || ends[item] > most)
                throw Fault(ItemIdTable.Ends, item * (long)sizeof(long), $"the end of id {item} at {(least < most ? $"{least} to {most}" : $"{least}")} expected, found {ends[item]}");
            previous = ends[item];
        }
    }

    private ulong[] Hashes()
    {
        ulong[] hashes = new ulong[ids.Count];
        for (int item = 0; item < hashes.Length; item++)
        {
            ReadOnlySpan<byte> id = ids.Utf8(item);
            if (!Utf8.IsValid(id))
                throw Fault(ItemIdTable.Text, item == 0 ? 0 : ids.EndsOfIds[item - 1], $"an id of item {item} in UTF-8 expected");
            hashes[item] = XxHash3.HashToUInt64(id);
        }

        return hashes;
    }

    private void CheckSlots(ReadOnlySpan<ulong> hashes)
    {
        ReadOnlySpan<int> slots = ids.ItemsOfSlots;
        int mask = slots.Length - 1, free = slots.IndexOf(ItemIdTable.None), used = 0, unbroken = 0;

        // From behind a free slot all around to it, so that no run of used slots is met in its middle.
        for (int i = 1; i < slots.Length && free >= 0; i++)
        {
            int slot = (free + i) & mask, item = slots[slot];
            if (item == ItemIdTable.None)
            {
                unbroken = 0;
                continue;
            }

            if ((uint)item >= (uint)hashes.Length)
                throw SlotFault(slot, $"an item of 0 to {hashes.Length - 1} or {ItemIdTable.None} expected, found {item}");
            int behind = (slot - (int)hashes[item]) & mask;
            if (behind > unbroken)
                throw SlotFault(slot, $"an item whose id leads to this slot expected, found {item}");
            for (int back = behind; back > 0; back--)
                CheckOther(slot, item, slots[(slot - back) & mask], hashes);
            unbroken++;
            used++;
        }

        // None twice, so that as many as there are items are all of them.
        if (used != hashes.Length)
            throw SlotFault(0, $"{hashes.Length} used slots expected, found {(free < 0 ? slots.Length : used)}");
    }

    private void CheckOther(int slot, int item, int other, ReadOnlySpan<ulong> hashes)
    {
        if (hashes[item] == hashes[other] && ids.Utf8(item).SequenceEqual(ids.Utf8(other)))
            throw SlotFault(slot, item == other ? $"another item than {item}, which has a slot already, expected" : $"another id for item {item} than item {other} has expected");
    }

    private InvalidDataException SlotFault(int slot, string expected) => Fault(ItemIdTable.Slots, slot * (long)sizeof(int), expected);

    private InvalidDataException Fault(string section, long at, string expected) => file.Fault(file.OffsetOf(section) + at, expected);
}
