using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using KernelPolicy.Index.Files;

namespace KernelPolicy.Tests.Serving;

/// <summary>A section file taken apart, to be put together again with whatever was changed, under right checksums.</summary>
internal sealed class ForgedFile
{
    private readonly byte[] _header;

    private ForgedFile(byte[] header, List<ForgedSection> sections) => (_header, Sections) = (header, sections);

    public List<ForgedSection> Sections { get; }

    public ForgedSection this[string name] => Sections.First(section => section.Name == name);

    /// <summary>Takes apart what a SectionFileWriter wrote.</summary>
    public static ForgedFile Parse(byte[] file)
    {
        List<ForgedSection> sections = [];
        for (int i = 0; i < Count(file); i++)
        {
            Span<byte> entry = Entry(file, i);
            long offset = BinaryPrimitives.ReadInt64LittleEndian(entry[24..]), length = BinaryPrimitives.ReadInt64LittleEndian(entry[32..]);
            sections.Add(new ForgedSection(
                Encoding.ASCII.GetString(entry[..SectionFile.NameBytes]).TrimEnd('\0'), file[(int)offset..(int)(offset + length)]));
        }

        return new ForgedFile(file[..SectionFile.HeaderBytes], sections);
    }

    /// <summary>Puts the sections together as a SectionFileWriter does, but for what they declare otherwise.</summary>
    public byte[] ToBytes()
    {
        using MemoryStream file = new();
        file.Write(new byte[SectionFile.TableEnd(Sections.Count)]);
        long[] offsets = new long[Sections.Count];
        for (int i = 0; i < offsets.Length; i++)
        {
            Pad(file);
            offsets[i] = file.Length;
            file.Write(Sections[i].Content);
        }

        Pad(file);
        byte[] bytes = file.ToArray();
        _header.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), offsets.Length);
        for (int i = 0; i < offsets.Length; i++)
        {
            Span<byte> entry = Entry(bytes, i);
            Encoding.ASCII.GetBytes(Sections[i].Name, entry[..SectionFile.NameBytes]);
            BinaryPrimitives.WriteInt64LittleEndian(entry[24..], Sections[i].Offset?.Invoke(offsets[i]) ?? offsets[i]);
            BinaryPrimitives.WriteInt64LittleEndian(entry[32..], Sections[i].Length ?? Sections[i].Content.Length);
        }

        Sign(bytes);
        return bytes;
    }

    /// <summary>Makes the checksums right, as far as what they are of lies in the file.</summary>
    public static void Sign(byte[] file)
    {
        int sections = Count(file);
        if (sections is < 0 or > SectionFile.MostSections || SectionFile.TableEnd(sections) > file.Length)
            return;
        for (int i = 0; i < sections; i++)
        {
            Span<byte> entry = Entry(file, i);
            long offset = BinaryPrimitives.ReadInt64LittleEndian(entry[24..]), length = BinaryPrimitives.ReadInt64LittleEndian(entry[32..]);
            if (offset >= 0 && length >= 0 && offset <= file.Length && length <= file.Length - offset)
                BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], XxHash3.HashToUInt64(file.AsSpan((int)offset, (int)length)));
        }

        int end = SectionFile.TableEnd(sections) - sizeof(ulong);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(end), XxHash3.HashToUInt64(file.AsSpan(0, end)));
    }

    private static int Count(byte[] file) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(16));

    private static Span<byte> Entry(byte[] file, int section) =>
        file.AsSpan(SectionFile.HeaderBytes + (section * SectionFile.EntryBytes), SectionFile.EntryBytes);

    private static void Pad(MemoryStream file) =>
        file.SetLength(file.Position = (file.Length + SectionFile.Alignment - 1) / SectionFile.Alignment * SectionFile.Alignment);
}

/// <summary>A section, and what the table is to say of it where that is not so.</summary>
internal sealed class ForgedSection(string name, byte[] content)
{
    public string Name { get; set; } = name;

    public byte[] Content { get; set; } = content;

    /// <summary>The offset that is declared, from the true one; null for the true one.</summary>
    public Func<long, long>? Offset { get; set; }

    /// <summary>The length that is declared; null for the true one.</summary>
    public long? Length { get; set; }

    public int Numbers => Content.Length / sizeof(int);

    public int Int(int number) => BinaryPrimitives.ReadInt32LittleEndian(Content.AsSpan(number * sizeof(int)));

    public void Set(int number, int value) => BinaryPrimitives.WriteInt32LittleEndian(Content.AsSpan(number * sizeof(int)), value);

    public void Set(int number, float value) => BinaryPrimitives.WriteSingleLittleEndian(Content.AsSpan(number * sizeof(int)), value);

    public void SetLong(int number, long value) => BinaryPrimitives.WriteInt64LittleEndian(Content.AsSpan(number * sizeof(long)), value);
}
