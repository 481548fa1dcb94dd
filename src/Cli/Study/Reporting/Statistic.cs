using System.Globalization;

namespace KernelPolicy.Cli.Study;

/// <summary>A mean over seeds and its standard error.</summary>
/// <param name="Mean">The mean; NaN of nothing.</param>
/// <param name="Error">Its standard error; NaN of fewer than two.</param>
/// <param name="Count">How many it is of.</param>
internal readonly record struct Statistic(double Mean, double Error, int Count)
{
    /// <summary>Of no value.</summary>
    public static Statistic None { get; } = new(double.NaN, double.NaN, 0);

    /// <summary>Of values; those that are not finite are left out.</summary>
    public static Statistic Of(IEnumerable<double> values)
    {
        double[] all = [.. values.Where(double.IsFinite)];
        if (all.Length == 0)
            return None;
        double mean = all.Average();
        double error = all.Length < 2 ? double.NaN : Math.Sqrt(all.Sum(v => (v - mean) * (v - mean)) / (all.Length - 1) / all.Length);
        return new Statistic(mean, error, all.Length);
    }

    /// <summary>Mean and error in words.</summary>
    /// <param name="digits">Places behind the point; below 0 for three that count.</param>
    public string Text(int digits)
    {
        if (Count == 0)
            return "–";
        string mean = Number(Mean, digits);
        return double.IsNaN(Error) ? mean : $"{mean} ± {Number(Error, digits < 0 ? -2 : digits)}";
    }

    /// <summary>A number in words.</summary>
    /// <param name="value">The number; a dash where it is not finite.</param>
    /// <param name="digits">Places behind the point; below 0 for as many that count, three where it is −1.</param>
    public static string Number(double value, int digits)
    {
        if (!double.IsFinite(value))
            return "–";
        if (digits >= 0)
            return Words(value, digits);
        int counting = digits == -1 ? 3 : -digits;
        int places = value == 0 ? 0 : Math.Clamp(counting - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 9);
        return Words(value, places);
    }

    private static string Words(double value, int places) =>
        value.ToString($"N{places}", CultureInfo.InvariantCulture).Replace('-', '−');
}
