using System.Globalization;
using System.Text;

namespace KernelPolicy.Data;

/// <summary>Reads files with one session a line: item ids between spaces or tabs.</summary>
internal static class SessionLines
{
    private const int LinesBetweenReports = 1 << 14;

    /// <summary>Passes the items of each line to the builder.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="lineNumber">Lines in the files before this one.</param>
    /// <param name="builder">Receives user = number of the line.</param>
    /// <param name="report">Called now and then.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Lines up to the end of this file.</returns>
    /// <exception cref="InvalidDataException">The file is broken gzip or not UTF-8.</exception>
    public static long Read(
        string file, long lineNumber, InteractionBuilder builder, Action report, CancellationToken cancellationToken)
    {
        try
        {
            using StreamReader reader = FormatResolver.OpenText(file, FormatResolver.IsGzip(file));
            while (reader.ReadLine() is { } line)
            {
                lineNumber++;
                AddLine(line, lineNumber, builder);
                if (lineNumber % LinesBetweenReports == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    report();
                }
            }

            return lineNumber;
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{file}, after line {lineNumber}: the file is not text in UTF-8.", e);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{file}: broken gzip: {e.Message}", e);
        }
    }

    private static void AddLine(ReadOnlySpan<char> line, long lineNumber, InteractionBuilder builder)
    {
        int user = -1;
        foreach (Range range in line.SplitAny(' ', '\t'))
        {
            ReadOnlySpan<char> item = line[range];
            if (item.IsEmpty)
                continue;
            if (user < 0)
                user = builder.UserNumber(lineNumber.ToString(CultureInfo.InvariantCulture));
            builder.RowsRead++;
            builder.Add(user, item);
        }
    }
}
