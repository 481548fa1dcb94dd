using KernelPolicy.Kernels;

namespace KernelPolicy.Tests.Data;

/// <summary>How heavy-tailed the norms of a table's rows are; rows of zeros are left out.</summary>
internal readonly record struct NormSpread(double Variation, double LargestOverMedian, double Percentile99OverMedian)
{
    public static NormSpread Of(Matrix matrix)
    {
        List<double> norms = [];
        for (long row = 0; row < matrix.Rows; row++)
        {
            double sum = 0;
            foreach (float value in matrix.Row(row))
                sum += (double)value * value;
            if (sum > 0)
                norms.Add(Math.Sqrt(sum));
        }

        norms.Sort();
        double mean = norms.Average();
        double deviation = Math.Sqrt(norms.Average(n => (n - mean) * (n - mean)));
        double median = norms[norms.Count / 2];
        return new NormSpread(deviation / mean, norms[^1] / median, norms[(int)(norms.Count * 0.99)] / median);
    }
}
