using System.Globalization;

namespace KernelPolicy.Comparison.Figures;

/// <summary>What a case finds out about itself beside its time, on its way from the process that runs it to the one that writes the
/// table.</summary>
internal static class CaseFigures
{
    public const string RelativeError = "relative-error";
    public const string Recall = "recall";
    public const string BytesRead = "bytes-read";

    private const string Variable = "KERNELPOLICY_COMPARISON_FIGURES";

    /// <summary>Makes an empty folder for them, which processes that are started from this one know of.</summary>
    public static void Open()
    {
        string folder = Path.GetFullPath(Path.Combine("out", "benchmarks", "figures"));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        Environment.SetEnvironmentVariable(Variable, folder);
    }

    /// <summary>The name of a case: type, method, then the values of its parameters, in the order of their names.</summary>
    public static string Name(string type, string method, IEnumerable<object?> parameters) =>
        string.Join('.', [type, method, .. parameters.Select(value => string.Create(CultureInfo.InvariantCulture, $"{value}"))]);

    /// <summary>Keeps a figure; where nobody has opened a folder for it, it is lost.</summary>
    public static void Write(string name, string figure, double value)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder)
            File.WriteAllText(Path.Combine(folder, $"{name}.{figure}"), value.ToString("R", CultureInfo.InvariantCulture));
    }

    /// <summary>A figure; NaN where the case has none.</summary>
    public static double Read(string name, string figure)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
            return double.NaN;
        string path = Path.Combine(folder, $"{name}.{figure}");
        return File.Exists(path) ? double.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture) : double.NaN;
    }
}
