using System.IO.Compression;
using System.Text;
using KernelPolicy.Data;
using KernelPolicy.Index.Files;

namespace KernelPolicy.Cli.Commands;

/// <summary>Writes interactions as text that <see cref="InteractionReader"/> reads.</summary>
internal static class InteractionWriter
{
    /// <summary>Writes a file, whole or not at all; its extension says how.</summary>
    /// <exception cref="ArgumentException">The extension is none of those it can write.</exception>
    public static void Write(Interactions interactions, string path, CancellationToken cancellation)
    {
        bool compresses = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        string extension = Path.GetExtension(compresses ? path[..^3] : path).ToUpperInvariant();
        Action<Interactions, TextWriter, CancellationToken> write = extension switch
        {
            ".CSV" => (log, writer, token) => WriteRows(log, writer, "user_id,item_id", ',', token),
            ".TSV" => (log, writer, token) => WriteRows(log, writer, "user_id\titem_id", '\t', token),
            ".INTER" => (log, writer, token) => WriteRows(log, writer, "user_id:token\titem_id:token", '\t', token),
            ".SESSIONS" => WriteSessions,
            _ => throw new ArgumentException(
                $"--out is '{path}'; its extension must be .csv, .tsv, .inter or .sessions, with .gz to compress it."),
        };
        AtomicFile.Write(path, file =>
        {
            // The file is flushed to the disk afterwards, and so must stay open.
            using GZipStream? compressed = compresses ? new(file, CompressionLevel.Fastest, leaveOpen: true) : null;
            using StreamWriter writer = new(compressed ?? (Stream)file, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
            write(interactions, writer, cancellation);
        });
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
