using System.Globalization;
using KernelPolicy.Bench;

namespace KernelPolicy.IndexComparison.Measuring;

/// <summary>One measured number: a line of the CSV files that all libraries write.</summary>
/// <param name="Dataset">Name of the dataset; "machine" for what depends on none.</param>
/// <param name="Library">Who was measured.</param>
/// <param name="Measure">What: see <see cref="MeasureName"/>.</param>
/// <param name="K">Items asked for; 0 where it does not apply, as below.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Ef">Width of the search; for an exact scan, queries a batch.</param>
/// <param name="Recall">Recall@K; NaN where there is none.</param>
/// <param name="Value">The number.</param>
/// <param name="Note">Words, for <see cref="MeasureName.About"/>.</param>
internal sealed record Measurement(
    string Dataset, string Library, string Measure, int K, int Threads, int Ef, double Recall, double Value, string Note);

/// <summary>Names of measures in the CSV files; the peers in C++ and Python write the same.</summary>
internal static class MeasureName
{
    public const string Qps = "qps";
    public const string ExactQps = "exact_qps";
    public const string LatencyP50 = "latency_p50_us";
    public const string LatencyP99 = "latency_p99_us";
    public const string LatencyP999 = "latency_p999_us";
    public const string BuildSeconds = "build_seconds";
    public const string BytesWithItems = "bytes_with_items";
    public const string BytesBesideItems = "bytes_beside_items";
    public const string PeakRss = "peak_rss_bytes";
    public const string FmaGflops = "fma_gflops";
    public const string ReadGbps = "read_gbps";
    public const string About = "about";
}

/// <summary>Writes and reads CSV files of measurements.</summary>
internal sealed class ResultFile : IDisposable
{
    /// <summary>First line of every file.</summary>
    public const string Header = "dataset,library,measure,k,threads,ef,recall,value,note";

    private readonly string _dataset;
    private readonly string _library;
    private readonly CompletedLines _lines;

    /// <summary>Begins a file.</summary>
    public ResultFile(string path, string dataset, string library)
    {
        (_dataset, _library) = (dataset, library);
        _lines = new CompletedLines(path, Header);
    }

    /// <summary>Writes a line.</summary>
    public void Add(string measure, double value, int k = 0, int threads = 0, int ef = 0, double recall = double.NaN) =>
        _lines.Add(Line(new Measurement(_dataset, _library, measure, k, threads, ef, recall, value, "")));

    /// <summary>Writes words.</summary>
    public void AddAbout(string text) => _lines.Add(
        Line(new Measurement(_dataset, _library, MeasureName.About, 0, 0, 0, double.NaN, double.NaN, text.Replace(',', ';'))));

    /// <summary>Puts the file in its place.</summary>
    public void Complete() => _lines.Complete();

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    /// <summary>One line, without its end.</summary>
    public static string Line(Measurement m) => string.Join(
        ',', m.Dataset, m.Library, m.Measure, Text(m.K), Text(m.Threads), Text(m.Ef), Text(m.Recall), Text(m.Value), m.Note);

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is none of ours.</exception>
    public static IEnumerable<Measurement> Read(string path)
    {
        string[] lines = CompletedLines.Read(path, Header);
        for (int i = 0; i < lines.Length; i++)
        {
            string[] f = lines[i].Split(',');
            if (f.Length != 9)
                throw new InvalidDataException($"{path}, line {i + 2}: {f.Length} fields instead of 9.");
            yield return new Measurement(
                f[0], f[1], f[2], Whole(f[3]), Whole(f[4]), Whole(f[5]), Number(f[6]), Number(f[7]), f[8]);
        }

        int Whole(string text) => text.Length == 0 ? 0 : (int)Number(text);

        double Number(string text) => text.Length == 0
            ? double.NaN
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                ? value
                : throw new InvalidDataException($"{path}: '{text}' is no number.");
    }

    private static string Text(int number) => number == 0 ? "" : number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double number) =>
        double.IsNaN(number) ? "" : number.ToString("0.########", CultureInfo.InvariantCulture);
}
