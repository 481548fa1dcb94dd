using System.IO.Hashing;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using KernelPolicy.Index.Files;

namespace KernelPolicy.Policy;

/// <summary>
/// The items' own ids, both ways, in memory that a bundle maps: no string and no dictionary entry an item.
/// </summary>
/// <remarks>
/// <para>Three sections: "item-ids", the ids in UTF-8 one after another; "item-id-ends" [P], where each ends (8 bytes each);
/// "item-id-slots", a table of item numbers (4 bytes each, −1 for none), 2^n ≥ 2P of them, where an id stands in the first free
/// slot from the low n bits of its XxHash3.</para>
/// <para>Immutable; any number of threads may read. Every number that comes from the file is checked when it is used.</para>
/// </remarks>
public sealed unsafe class ItemIdTable : IDisposable
{
    /// <summary>The longest id, in bytes of UTF-8.</summary>
    public const int LongestId = 1024;

    /// <summary>Most items: their slots, 2^n ≥ 2P of them, are then as many as an array holds.</summary>
    internal const int MostItems = 1 << 29;

    /// <summary>The sections, and what a free slot holds.</summary>
    internal const string Text = "item-ids", Ends = "item-id-ends", Slots = "item-id-slots";
    internal const int None = -1;

    private readonly string _path;
    private readonly IDisposable _mapping;
    private readonly byte* _text;
    private readonly long _textLength;
    private readonly long* _ends;
    private readonly int* _slots;
    private readonly int _mask;
    private volatile bool _disposed;

    private ItemIdTable(SectionFileReader file, FileMapping mapping, int items)
    {
        _path = file.Path;
        Count = items;
        (nint text, _textLength) = file.MapBytes(mapping, Text);
        (nint ends, long endBytes) = file.MapBytes(mapping, Ends);
        (nint slots, long slotBytes) = file.MapBytes(mapping, Slots);
        int wanted = SlotCount(items);
        if (endBytes != (long)items * sizeof(long))
            throw file.Fault(file.OffsetOf(Ends), $"the ends of {items} ids in {(long)items * sizeof(long)} bytes expected, found {endBytes} bytes");
        if (slotBytes != (long)wanted * sizeof(int))
            throw file.Fault(file.OffsetOf(Slots), $"{wanted} slots for {items} ids in {(long)wanted * sizeof(int)} bytes expected, found {slotBytes} bytes");
        _text = (byte*)text;
        _ends = (long*)ends;
        _slots = (int*)slots;
        _mask = wanted - 1;
        if (file.ChecksMapped)
            new ItemIdCheck(file, this).Run();
        _mapping = mapping.Share();
    }

    /// <summary>P.</summary>
    public int Count { get; }

    /// <summary>Bytes of all ids.</summary>
    internal long TextLength => _textLength;

    /// <summary>Where each id ends, as the file says [P].</summary>
    internal ReadOnlySpan<long> EndsOfIds => new(_ends, Count);

    /// <summary>Items by slots, as the file says.</summary>
    internal ReadOnlySpan<int> ItemsOfSlots => new(_slots, _mask + 1);

    /// <summary>The id of an item, in UTF-8; valid until the table is disposed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, and was opened without being checked.</exception>
    /// <exception cref="ObjectDisposedException">The table is disposed.</exception>
    public ReadOnlySpan<byte> Utf8(int item)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if ((uint)item >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(item), item, $"There is no item {item}; items are 0 to {Count - 1}.");
        long start = item == 0 ? 0 : _ends[item - 1], end = _ends[item];
        if (start < 0 || end < start || end > _textLength || end - start > LongestId)
            throw new InvalidDataException($"{_path}: the id of item {item} must end within {_textLength} bytes of ids, not at {end}.");
        return new ReadOnlySpan<byte>(_text + start, (int)(end - start));
    }

    /// <summary>The id of an item, as a new string.</summary>
    /// <inheritdoc cref="Utf8"/>
    public string this[int item] => Encoding.UTF8.GetString(Utf8(item));

    /// <summary>Finds an item by its id in UTF-8.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="ObjectDisposedException">The table is disposed.</exception>
    public bool TryFind(ReadOnlySpan<byte> utf8Id, out int item)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int slot = (int)XxHash3.HashToUInt64(utf8Id) & _mask;
        for (int probes = 0; probes <= _mask; probes++)
        {
            int there = _slots[slot];
            if ((uint)there >= (uint)Count)
                break;
            if (Utf8(there).SequenceEqual(utf8Id))
            {
                item = there;
                return true;
            }

            slot = (slot + 1) & _mask;
        }

        item = None;
        return false;
    }

    /// <summary>Finds an item by its id.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryFind(ReadOnlySpan<char> id, out int item)
    {
        Span<byte> utf8 = stackalloc byte[LongestId];
        if (Encoding.UTF8.TryGetBytes(id, utf8, out int length))
            return TryFind(utf8[..length], out item);
        item = None;
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _mapping.Dispose();
    }

    internal static ItemIdTable Read(SectionFileReader file, FileMapping mapping, int items) => new(file, mapping, items);

    /// <summary>The table's sections.</summary>
    /// <exception cref="ArgumentException">Two items have the same id, or one is too long.</exception>
    internal static SectionToWrite[] Sections(IReadOnlyList<string> ids)
    {
        if (ids.Count > MostItems)
            throw new ArgumentException($"There are {ids.Count} items; a bundle holds the ids of up to {MostItems}.", nameof(ids));
        int[] slots = new int[SlotCount(ids.Count)];
        Array.Fill(slots, None);
        for (int item = 0; item < ids.Count; item++)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(ids[item]);
            if (utf8.Length > LongestId)
                throw new ArgumentException($"The id of item {item} has {utf8.Length} bytes; a bundle holds ids of up to {LongestId}.", nameof(ids));
            int slot = (int)XxHash3.HashToUInt64(utf8) & (slots.Length - 1);
            while (slots[slot] != None)
            {
                if (Encoding.UTF8.GetBytes(ids[slots[slot]]).AsSpan().SequenceEqual(utf8))
                    throw new ArgumentException($"Items {slots[slot]} and {item} have the same id '{ids[item]}'.", nameof(ids));
                slot = (slot + 1) & (slots.Length - 1);
            }

            slots[slot] = item;
        }

        return
        [
            new SectionToWrite(Ends, stream => WriteEnds(stream, ids)),
            new SectionToWrite(Slots, stream => WriteSlots(stream, slots)),
            new SectionToWrite(Text, stream =>
            {
                foreach (string id in ids)
                    stream.Write(Encoding.UTF8.GetBytes(id));
            }),
        ];
    }

    private static void WriteEnds(Stream stream, IReadOnlyList<string> ids)
    {
        long end = 0;
        foreach (string id in ids)
        {
            end += Encoding.UTF8.GetByteCount(id);
            stream.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in end)));
        }
    }

    // In pieces: more than 2^29 slots are more bytes than one span counts.
    private static void WriteSlots(Stream stream, int[] slots)
    {
        const int AtOnce = 1 << 20;
        for (int first = 0; first < slots.Length; first += AtOnce)
            stream.Write(MemoryMarshal.AsBytes<int>(slots.AsSpan(first, Math.Min(AtOnce, slots.Length - first))));
    }

    /// <summary>Slots for up to <see cref="MostItems"/> items, at most half of them used.</summary>
    internal static int SlotCount(int items) => (int)BitOperations.RoundUpToPowerOf2(Math.Max(2, 2 * (uint)items));
}
