using System.Globalization;
using System.Text;

namespace KernelPolicy.Data;

/// <summary>The first two lines of a delimited file, split into fields: what the choice of columns goes by.</summary>
/// <param name="First">Fields of the first line.</param>
/// <param name="Second">Fields of the second line; null where there is none.</param>
internal sealed record DelimitedHead(string[] First, string[]? Second)
{
    /// <summary>Reads the first two lines that are not blank.</summary>
    /// <exception cref="InvalidDataException">The file is empty, or is neither gzip nor UTF-8 text.</exception>
    public static DelimitedHead Read(string file, bool gzip, string delimiter, bool quoted)
    {
        try
        {
            using StreamReader reader = FormatResolver.OpenText(file, gzip);
            string first = NextLine(reader)
                ?? throw new InvalidDataException($"{file}: the file is empty; expected rows of interactions.");
            string? second = NextLine(reader);
            return new DelimitedHead(
                Split(first, delimiter, quoted), second is null ? null : Split(second, delimiter, quoted));
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{file}: the file is not text in UTF-8.", e);
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(file, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{file}: broken gzip: {e.Message}", e);
        }
    }

    /// <summary>Whether the first line names columns rather than holding data.</summary>
    /// <param name="file">For the message.</param>
    /// <param name="isName">Whether a field is a column name asked for or known.</param>
    /// <exception cref="ArgumentException">The two lines do not tell.</exception>
    public bool HasHeader(string file, Func<string, bool> isName)
    {
        if (First.Any(IsNumber))
            return false;
        if (First.Any(isName))
            return true;
        if (Second is { } second && second.Length == First.Length && second.Any(IsNumber))
            return true;
        throw new ArgumentException(
            $"{file}: cannot tell whether the first line, \"{string.Join("\", \"", First)}\", names the columns. Say "
            + "whether there is a header.",
            nameof(file));
    }

    private static bool IsNumber(string field) =>
        double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static string? NextLine(StreamReader reader)
    {
        string? line = reader.ReadLine();
        while (line is { Length: 0 })
            line = reader.ReadLine();
        return line;
    }

    private static string[] Split(string line, string delimiter, bool quoted)
    {
        if (!quoted || !line.Contains('"', StringComparison.Ordinal))
            return line.Split(delimiter);
        List<string> fields = [];
        StringBuilder field = new();
        bool inside = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (inside && line[i] == '"' && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (line[i] == '"')
            {
                inside = !inside;
            }
            else if (!inside && string.CompareOrdinal(line, i, delimiter, 0, delimiter.Length) == 0)
            {
                fields.Add(field.ToString());
                field.Clear();
                i += delimiter.Length - 1;
            }
            else
            {
                field.Append(line[i]);
            }
        }

        fields.Add(field.ToString());
        return [.. fields];
    }
}
