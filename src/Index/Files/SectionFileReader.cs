using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index.Files;

/// <summary>
/// Reads section files and trusts nothing in them: lengths are checked against the file before memory is taken, every
/// section against its checksum, and each fault is an InvalidDataException with file, offset and what was expected.
/// </summary>
internal sealed class SectionFileReader : IDisposable
{
    private const int HashedAtOnce = 1 << 24;

    private readonly FileStream _file;
    private readonly Dictionary<string, (long Offset, long Length, ulong Hash)> _sections = [];

    /// <summary>Opens a file and checks its header and table.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">The four letters it must bear.</param>
    /// <param name="version">The newest version that the caller understands.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not such a file, is newer, or is damaged.</exception>
    public SectionFileReader(string path, string kind, int version)
    {
        Path = path;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        try
        {
            ReadTable(kind, version);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>Whether tables that are mapped are read through once for their checksums. Where not, their sizes alone are
    /// checked.</summary>
    public bool ChecksMapped { get; init; } = true;

    /// <summary>The file's version of its kind's format.</summary>
    public int Version { get; private set; }

    /// <summary>Whether there is a section of that name.</summary>
    public bool Has(string name) => _sections.ContainsKey(name);

    /// <summary>Where a section starts, for messages about what it holds.</summary>
    public long OffsetOf(string name) => Find(name).Offset;

    /// <summary>The bytes of a section.</summary>
    public byte[] ReadBytes(string name, long expectedLength = -1)
    {
        (long offset, long length, ulong hash) = Find(name);
        if (expectedLength >= 0 && length != expectedLength)
            throw Fault(offset, $"section '{name}' of {expectedLength} bytes expected, {length} found");
        if (length > Array.MaxLength)
            throw Fault(offset, $"section '{name}' of {length} bytes is larger than any that is ever written");
        byte[] bytes = new byte[length];
        _file.Position = offset;
        _file.ReadExactly(bytes);
        if (XxHash3.HashToUInt64(bytes) != hash)
            throw Fault(offset, $"section '{name}' does not match its checksum");
        return bytes;
    }

    /// <summary>The facts that a section holds as JSON.</summary>
    public T ReadJson<T>(string name, JsonTypeInfo<T> type)
        where T : class
    {
        byte[] json = ReadBytes(name);
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw Fault(Find(name).Offset, $"section '{name}' must hold facts, not null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{Path}, offset {Find(name).Offset}: section '{name}' must hold facts as JSON: {e.Message}", e);
        }
    }

    /// <summary>A table of floats, as <see cref="WriteMatrix"/> wrote it.</summary>
    public Matrix ReadMatrix(string name, long rows, int columns) => ReadRows(name, rows, columns, 0, rows);

    /// <summary>Some rows of a table of floats. The section is read to its end for its checksum, but no other row is kept.</summary>
    /// <param name="name">The section.</param>
    /// <param name="rows">Rows of the whole table.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="first">The first row to keep.</param>
    /// <param name="count">How many.</param>
    public Matrix ReadRows(string name, long rows, int columns, long first, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, rows - first);
        (long offset, long length, ulong hash) = Find(name);
        CheckMatrix(name, offset, length, rows, columns);
        var matrix = new Matrix(count, columns);
        try
        {
            var checksum = new XxHash3();
            _file.Position = offset;
            Span<byte> passing = new byte[matrix.Stride * sizeof(float)];
            for (long row = 0; row < rows; row++)
            {
                Span<byte> bytes = row >= first && row - first < count
                    ? System.Runtime.InteropServices.MemoryMarshal.AsBytes(matrix.PaddedRow(row - first))
                    : passing;
                _file.ReadExactly(bytes);
                checksum.Append(bytes);
            }

            if (checksum.GetCurrentHashAsUInt64() != hash)
                throw Fault(offset, $"section '{name}' does not match its checksum");
            return matrix;
        }
        catch
        {
            matrix.Dispose();
            throw;
        }
    }

    /// <summary>A table of floats as <see cref="WriteMatrix"/> wrote it, mapped into memory: processes that map the same file
    /// share it, and nothing is copied. The checksum is taken, which reads the section once.</summary>
    public unsafe Matrix MapMatrix(FileMapping mapping, string name, long rows, int columns)
    {
        (long offset, long length, _) = Find(name);
        CheckMatrix(name, offset, length, rows, columns);
        return new Matrix((float*)MapBytes(mapping, name).Pointer, rows, columns, mapping.Share());
    }

    /// <summary>One number a row, mapped into memory as <see cref="MapMatrix"/> does it.</summary>
    public unsafe NumberColumn<T> MapColumn<T>(FileMapping mapping, string name, int rows)
        where T : unmanaged
    {
        (long offset, long length, _) = Find(name);
        if (length != (long)rows * sizeof(T))
            throw Fault(offset, $"section '{name}' of {(long)rows * sizeof(T)} bytes expected, {length} found");
        return new NumberColumn<T>((T*)MapBytes(mapping, name).Pointer, rows, mapping.Share());
    }

    /// <summary>The bytes of a section, mapped into memory for as long as the mapping is held; at least 64-byte aligned.</summary>
    public unsafe (nint Pointer, long Length) MapBytes(FileMapping mapping, string name)
    {
        (long offset, long length, ulong hash) = Find(name);
        if (offset % SectionFile.Alignment != 0)
            throw Fault(offset, $"section '{name}' must start on a boundary of {SectionFile.Alignment} bytes");
        byte* start = mapping.Pointer + offset;
        if (ChecksMapped && Checksum(start, length) != hash)
            throw Fault(offset, $"section '{name}' does not match its checksum");
        return ((nint)start, length);
    }

    /// <summary>Maps the file into memory.</summary>
    public FileMapping Map() => new(_file);

    /// <summary>The kind that a file says it is of; empty where it is no section file.</summary>
    public static string KindOf(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        Span<byte> start = stackalloc byte[12];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start[..8].SequenceEqual(SectionFile.Magic)
            ? Encoding.ASCII.GetString(start[8..])
            : "";
    }

    /// <summary>A section that holds a table's padded rows.</summary>
    public static SectionToWrite WriteMatrix(string name, Matrix matrix) => new(name, stream =>
    {
        for (long row = 0; row < matrix.Rows; row++)
            stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(matrix.PaddedRow(row)));
    });

    /// <summary>An exception that names the file, the offset and what was expected there.</summary>
    public InvalidDataException Fault(long offset, string expected) => new($"{Path}, offset {offset}: {expected}.");

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static unsafe ulong Checksum(byte* start, long length)
    {
        var checksum = new XxHash3();
        for (long done = 0; done < length; done += HashedAtOnce)
            checksum.Append(new ReadOnlySpan<byte>(start + done, (int)Math.Min(HashedAtOnce, length - done)));
        return checksum.GetCurrentHashAsUInt64();
    }

    private (long Offset, long Length, ulong Hash) Find(string name) => _sections.TryGetValue(name, out var section)
        ? section
        : throw Fault(SectionFile.HeaderBytes, $"a section named '{name}' expected, found only {string.Join(", ", _sections.Keys)}");

    private void CheckMatrix(string name, long offset, long length, long rows, int columns)
    {
        long expected = rows * Matrix.PaddedLength(columns) * sizeof(float);
        if (length != expected)
            throw Fault(offset, $"section '{name}' must hold [{rows}, {columns}] floats in {expected} bytes, but has {length}");
    }

    private void ReadTable(string kind, int version)
    {
        Span<byte> header = stackalloc byte[SectionFile.HeaderBytes];
        if (_file.Length < SectionFile.TableEnd(0))
            throw Fault(0, $"a header of {SectionFile.TableEnd(0)} bytes expected, the file has {_file.Length}");
        _file.ReadExactly(header);
        if (!header[..8].SequenceEqual(SectionFile.Magic))
            throw Fault(0, "the mark 'KPOLICY' expected: this is not a file of KernelPolicy");
        string found = Encoding.ASCII.GetString(header.Slice(8, 4));
        if (found != kind)
            throw Fault(8, $"a file of kind '{kind}' expected, found kind '{found}'");
        int foundVersion = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        if (foundVersion < 1 || foundVersion > version)
            throw Fault(12, $"a format version of 1 to {version} expected, found {foundVersion}; a newer KernelPolicy may have written it");
        Version = foundVersion;
        int sections = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        if (sections is < 0 or > SectionFile.MostSections || SectionFile.TableEnd(sections) > _file.Length)
            throw Fault(16, $"a number of sections that fits the file expected, found {sections}");
        byte[] head = new byte[SectionFile.TableEnd(sections)];
        _file.Position = 0;
        _file.ReadExactly(head);
        if (XxHash3.HashToUInt64(head.AsSpan(0, head.Length - 8)) != BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(head.Length - 8)))
            throw Fault(head.Length - 8, "the table of sections does not match its checksum");
        for (int i = 0; i < sections; i++)
            ReadEntry(head.AsSpan(SectionFile.HeaderBytes + (i * SectionFile.EntryBytes), SectionFile.EntryBytes), head.Length);
    }

    private void ReadEntry(ReadOnlySpan<byte> entry, int tableEnd)
    {
        string name = Encoding.ASCII.GetString(entry[..SectionFile.NameBytes]).TrimEnd('\0');
        long offset = BinaryPrimitives.ReadInt64LittleEndian(entry[24..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(entry[32..]);
        if (offset < tableEnd || length < 0 || offset > _file.Length || length > _file.Length - offset)
            throw Fault(SectionFile.HeaderBytes, $"section '{name}' must lie within the file's {_file.Length} bytes, not at {offset} with {length}");
        _sections[name] = (offset, length, BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]));
    }
}
