using System.IO.Compression;
using System.Text;
using KernelPolicy.Data;
using KernelPolicy.Files;

namespace KernelPolicy.Cli.Commands;

/// <summary>Writes interactions as text that <see cref="InteractionReader"/> reads.</summary>
internal static class InteractionWriter
{
    private delegate void Writing(Interactions log, TextWriter writer, CancellationToken cancellation);

    /// <summary>Throws where the extension of a path is none of those that can be written.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static void Check(string path) => WritingFor(path);

    /// <summary>Writes a file, whole or not at all; its extension says how.</summary>
    /// <exception cref="ArgumentException">The extension is none of those that can be written.</exception>
    public static void Write(Interactions interactions, string path, CancellationToken cancellation)
    {
        Writing write = WritingFor(path);
        AtomicFile.Write(path, file =>
        {
            // The file is flushed to the disk afterwards, and so must stay open.
            using GZipStream? compressed = IsCompressed(path) ? new(file, CompressionLevel.Fastest, leaveOpen: true) : null;
            using StreamWriter writer = new(compressed ?? (Stream)file, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
            write(interactions, writer, cancellation);
        });
    }

    private static bool IsCompressed(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    private static Writing WritingFor(string path)
    {
        string extension = Path.GetExtension(IsCompressed(path) ? path[..^3] : path).ToUpperInvariant();
        return extension switch
        {
            ".CSV" => (log, writer, token) => WriteRows(log, writer, "user_id,item_id", ',', token),
            ".TSV" => (log, writer, token) => WriteRows(log, writer, "user_id\titem_id", '\t', token),
            ".INTER" => (log, writer, token) => WriteRows(log, writer, "user_id:token\titem_id:token", '\t', token),
            ".SESSIONS" => WriteSessions,
            _ => throw new ArgumentException(
                $"--out is '{path}'; its extension must be .csv, .tsv, .inter or .sessions, with .gz to compress it."),
        };
    }

    private static void WriteRows(Interactions log, TextWriter writer, string header, char separator, CancellationToken cancellation)
    {
        writer.WriteLine(header);
        for (int user = 0; user < log.UserCount; user++)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (int item in log.UserItems[user])
            {
                writer.Write(log.UserIds[user]);
                writer.Write(separator);
                writer.WriteLine(log.ItemIds[item]);
            }
        }
    }

    private static void WriteSessions(Interactions log, TextWriter writer, CancellationToken cancellation)
    {
        for (int user = 0; user < log.UserCount; user++)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] items = log.UserItems[user].ToArray();
            writer.WriteLine(string.Join(' ', items.Select(item => log.ItemIds[item])));
        }
    }
}
