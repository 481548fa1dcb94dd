using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using KernelPolicy.Files;

namespace KernelPolicy.Index.Files;

/// <summary>
/// The container that the project's binary files share: a header, a table of named sections, and the sections, each with
/// a checksum and starting on a 64-byte boundary.
/// </summary>
/// <remarks>
/// Little-endian. Bytes 0-7: magic "KPOLICY" and 0. 8-11: kind, four letters. 12-15: version of the kind's format. 16-19:
/// number of sections. 20-31: zero. From 32, an entry of 48 bytes a section: name (24 bytes of ASCII, zero-padded),
/// offset, length, XxHash3 of its bytes (8 bytes each). After the table, the XxHash3 of all bytes before it.
/// </remarks>
internal static class SectionFile
{
    public const int HeaderBytes = 32;
    public const int EntryBytes = 48;
    public const int NameBytes = 24;
    public const int Alignment = 64;
    public const int MostSections = 256;

    public static ReadOnlySpan<byte> Magic => "KPOLICY\0"u8;

    /// <summary>Bytes before the first section may start.</summary>
    public static int TableEnd(int sections) => HeaderBytes + (sections * EntryBytes) + sizeof(ulong);
}

/// <summary>A named part of a file to be written.</summary>
/// <param name="Name">Up to 24 ASCII characters.</param>
/// <param name="Write">Writes the part's bytes to the stream it is given.</param>
internal sealed record SectionToWrite(string Name, Action<Stream> Write)
{
    /// <summary>A part of bytes at hand.</summary>
    public static SectionToWrite Of(string name, ReadOnlyMemory<byte> bytes) => new(name, s => s.Write(bytes.Span));
}

/// <summary>Writes section files, whole or not at all.</summary>
internal static class SectionFileWriter
{
    /// <summary>Writes the sections in order.</summary>
    /// <param name="path">Target; replaced by renaming.</param>
    /// <param name="kind">Four letters.</param>
    /// <param name="version">Version of the kind's format.</param>
    /// <param name="sections">The parts.</param>
    public static void Write(string path, string kind, int version, IReadOnlyList<SectionToWrite> sections) =>
        AtomicFile.Write(path, file =>
        {
            byte[] head = new byte[SectionFile.TableEnd(sections.Count)];
            SectionFile.Magic.CopyTo(head);
            Encoding.ASCII.GetBytes(kind, head.AsSpan(8, 4));
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), version);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), sections.Count);
            long offset = Align(head.Length);
            for (int i = 0; i < sections.Count; i++)
            {
                file.Position = offset;
                using var hashing = new HashingStream(file);
                sections[i].Write(hashing);
                Span<byte> entry = head.AsSpan(SectionFile.HeaderBytes + (i * SectionFile.EntryBytes), SectionFile.EntryBytes);
                Encoding.ASCII.GetBytes(sections[i].Name, entry[..SectionFile.NameBytes]);
                BinaryPrimitives.WriteInt64LittleEndian(entry[24..], offset);
                BinaryPrimitives.WriteInt64LittleEndian(entry[32..], hashing.Written);
                BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], hashing.Hash);
                offset = Align(offset + hashing.Written);
            }

            BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(head.Length - 8), XxHash3.HashToUInt64(head.AsSpan(0, head.Length - 8)));
            file.SetLength(offset);
            file.Position = 0;
            file.Write(head);
        });

    private static long Align(long offset) => (offset + SectionFile.Alignment - 1) / SectionFile.Alignment * SectionFile.Alignment;

    /// <summary>Passes bytes on, counting and hashing them.</summary>
    private sealed class HashingStream(Stream target) : Stream
    {
        private readonly XxHash3 _hash = new();

        public long Written { get; private set; }

        public ulong Hash => _hash.GetCurrentHashAsUInt64();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Written;

        public override long Position
        {
            get => Written;
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _hash.Append(buffer);
            target.Write(buffer);
            Written += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
