using System.Text;

namespace KernelPolicy.Distributed;

/// <summary>
/// What goes between a front and a shard server, version 1: frames, each a length (4 bytes) and so many bytes. All numbers are little-endian.
/// </summary>
/// <remarks>
/// <para>The client begins: magic (8 bytes), version (4). The server: magic, version, set (32 hexadecimal digits), s, n, P, L (4 each).</para>
/// <para>A question: number (8), operation (4), microseconds until its deadline (4), N (4), how many are listed (4); then x [L] for a search;
/// then the items (4 each), or for <see cref="ShardOperation.Find"/> the ids (length, −1 for one
/// that is longer than any item's, and UTF-8 each).</para>
/// <para>An answer: number (8), status (4), how many (4); then items and scores of a search (4 each, all items first), L numbers of a
/// sum, items of ids, or ids (length, −1 for none, and UTF-8 each). Of another status: so many bytes of UTF-8 that say why.</para>
/// <para>Answers come in any order. A number is never used twice on a connection, so that a late answer is known for what it is.</para>
/// </remarks>
internal static class ShardProtocol
{
    public const int Version = 1;
    public const int ClientHelloBytes = 12;
    public const int ServerHelloBytes = 12 + ShardPlace.SetDigits + 16;

    /// <summary>The longest frame.</summary>
    public const int MostBytes = 16 << 20;

    /// <summary>The longest question that a client sends: what fits the send buffer that Linux gives unless told otherwise (208 KiB), so
    /// that it goes out without waiting for the peer.</summary>
    public const int MostQuestionBytes = 128 << 10;

    /// <summary>The longest frame in place of a server's greeting: a refusal with its reason.</summary>
    public const int MostRefusalBytes = 4096;

    /// <summary>The most items or ids in a frame, and the largest N.</summary>
    public const int MostListed = 1 << 16;

    public static ReadOnlySpan<byte> Magic => "KPSHARD\0"u8;

    public static void WriteClientHello(FrameWriter frame)
    {
        frame.Begin();
        frame.Add(Magic);
        frame.Add(Version);
        frame.End();
    }

    public static void WriteServerHello(FrameWriter frame, ShardPlace place)
    {
        frame.Begin();
        frame.Add(Magic);
        frame.Add(Version);
        frame.Add(Encoding.ASCII.GetBytes(place.Set));
        frame.Add(place.Shard);
        frame.Add(place.Shards);
        frame.Add(place.Items);
        frame.Add(place.Dimension);
        frame.End();
    }

    /// <exception cref="InvalidDataException">It is none, or of another version.</exception>
    public static void ReadClientHello(ReadOnlySpan<byte> body)
    {
        FrameReader frame = new(body, "the client's greeting");
        ReadMagic(ref frame);
        frame.End();
    }

    /// <exception cref="InvalidDataException">It is none, of another version, or makes no sense.</exception>
    public static ShardPlace ReadServerHello(ReadOnlySpan<byte> body)
    {
        ShardFrames.CheckUnrefused(body);
        FrameReader frame = new(body, "the server's greeting");
        ReadMagic(ref frame);
        string set = Encoding.ASCII.GetString(frame.Bytes(ShardPlace.SetDigits, "the set"));
        ShardPlace place = new(set, frame.Int32("the shard"), frame.Int32("the shards"), frame.Int32("P"), frame.Int32("L"));
        frame.End();
        return place.Fault() is { } fault ? throw new InvalidDataException($"The server's greeting: {fault}") : place;
    }

    private static void ReadMagic(ref FrameReader frame)
    {
        ReadOnlySpan<byte> magic = frame.Bytes(Magic.Length, "'KPSHARD'");
        if (!magic.SequenceEqual(Magic))
            throw frame.Fault($"'KPSHARD' expected, found '{Encoding.ASCII.GetString(magic).Replace('\0', ' ').TrimEnd()}'");
        int version = frame.Int32("the version");
        if (version != Version)
            throw frame.Fault($"version {Version} of the protocol expected, found {version}");
    }
}

/// <summary>How a call has ended, as an answer says.</summary>
internal enum AnswerStatus
{
    /// <summary>There is an answer.</summary>
    Answered,

    /// <summary>The question makes no sense.</summary>
    Mistake,

    /// <summary>The shard cannot answer.</summary>
    Failed,

    /// <summary>The deadline had passed.</summary>
    TooLate,

    /// <summary>The frame could not be read; the connection ends.</summary>
    BadFrame,
}
