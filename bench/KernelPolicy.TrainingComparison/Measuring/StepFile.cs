using System.Globalization;
using KernelPolicy.Bench;

namespace KernelPolicy.TrainingComparison.Measuring;

/// <summary>One measured number or fact: a line of the CSV files that ours and the peers write.</summary>
/// <param name="Items">P.</param>
/// <param name="Round">Which of the turns; 0 where it does not apply.</param>
/// <param name="By">kernelpolicy, pytorch, or pytorch-plain.</param>
/// <param name="Estimator">exact, reinforce, mixture, strata-64-128, strata-8-16; empty for what belongs to none.</param>
/// <param name="Index">What finds the top K; empty where nothing does.</param>
/// <param name="Measure">What: see <see cref="MeasureName"/>.</param>
/// <param name="Value">The number; NaN for words.</param>
/// <param name="Note">Words.</param>
internal sealed record Measurement(
    int Items, int Round, string By, string Estimator, string Index, string Measure, double Value, string Note);

/// <summary>Names of measures in the CSV files; the peer writes the same.</summary>
internal static class MeasureName
{
    public const string StepMs = "step_ms";
    public const string Recall = "recall";
    public const string BuildSeconds = "build_seconds";
    public const string PeakRss = "peak_rss_bytes";
    public const string GradientError = "gradient_error";
    public const string TriedMs = "tried_ms";
    public const string About = "about";
}

/// <summary>Writes and reads CSV files of measurements.</summary>
internal sealed class StepFile : IDisposable
{
    /// <summary>First line of every file.</summary>
    public const string Header = "items,round,by,estimator,index,measure,value,note";

    private readonly CompletedLines _lines;

    /// <summary>Begins a file.</summary>
    public StepFile(string path) => _lines = new CompletedLines(path, Header);

    /// <summary>Writes a line.</summary>
    public void Add(Measurement measurement) => _lines.Add(Line(measurement));

    /// <summary>Puts the file in its place.</summary>
    public void Complete() => _lines.Complete();

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    /// <summary>One line, without its end.</summary>
    public static string Line(Measurement m) => string.Join(
        ',', m.Items, m.Round, m.By, m.Estimator, m.Index, m.Measure,
        double.IsNaN(m.Value) ? "" : m.Value.ToString("0.########", CultureInfo.InvariantCulture), m.Note.Replace(',', ';'));

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is none of ours.</exception>
    public static IEnumerable<Measurement> Read(string path)
    {
        string[] lines = CompletedLines.Read(path, Header);
        for (int i = 0; i < lines.Length; i++)
        {
            string[] f = lines[i].Split(',');
            double value = double.NaN;
            if (f.Length != 8
                || !int.TryParse(f[0], CultureInfo.InvariantCulture, out int items)
                || !int.TryParse(f[1], CultureInfo.InvariantCulture, out int round)
                || (f[6].Length > 0 && !double.TryParse(f[6], CultureInfo.InvariantCulture, out value)))
            {
                throw new InvalidDataException($"{path}, line {i + 2}: '{lines[i]}' is not a line of '{Header}'.");
            }

            yield return new Measurement(items, round, f[2], f[3], f[4], f[5], value, f[7]);
        }
    }
}
