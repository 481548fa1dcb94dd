using KernelPolicy.Kernels;

namespace KernelPolicy.IndexComparison.Datasets;

/// <summary>Normal numbers and norms, for data that is made once.</summary>
internal static class Normals
{
    /// <summary>Fills with standard normal numbers (Box and Muller, both numbers of a pair used: 750,000 × 256 of them
    /// should take seconds).</summary>
    public static void Fill(RandomDraws draws, Span<float> values)
    {
        for (int j = 0; j < values.Length; j += 2)
        {
            (ulong a, ulong b) = draws.Pair((uint)(j / 2));
            double radius = Math.Sqrt(-2 * Math.Log(1 - RandomDraws.ToUnit(a)));
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * RandomDraws.ToUnit(b));
            values[j] = (float)(radius * cosine);
            if (j + 1 < values.Length)
                values[j + 1] = (float)(radius * sine);
        }
    }

    /// <summary>The Euclidean norm.</summary>
    public static double Length(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
            sum += (double)value * value;
        return Math.Sqrt(sum);
    }

    /// <summary>Multiplies all values.</summary>
    public static void Scale(Span<float> values, double factor)
    {
        foreach (ref float value in values)
            value = (float)(value * factor);
    }

    /// <summary>Standard deviation of the rows' norms over their mean.</summary>
    public static double NormVariation(Matrix rows)
    {
        double sum = 0, squares = 0;
        for (long row = 0; row < rows.Rows; row++)
        {
            double norm = Length(rows.Row(row));
            sum += norm;
            squares += norm * norm;
        }

        double mean = sum / rows.Rows;
        return Math.Sqrt(Math.Max(0, (squares / rows.Rows) - (mean * mean))) / mean;
    }
}
