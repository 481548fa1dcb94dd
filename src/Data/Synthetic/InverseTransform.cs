namespace KernelPolicy.Data;

/// <summary>Draws by inverse transform from masses that were summed up in order.</summary>
internal static class InverseTransform
{
    /// <summary>The first place whose sum is above a value: with a uniform number times the last sum, a draw in proportion to the
    /// masses.</summary>
    /// <param name="cumulative">Sums of non-negative masses [n], n at least 1.</param>
    /// <param name="value">What to find.</param>
    /// <returns>0 to n − 1; the last place answers whatever rounding leaves above all sums.</returns>
    public static int FirstAbove(ReadOnlySpan<double> cumulative, double value)
    {
        int low = 0, high = cumulative.Length - 1;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (cumulative[middle] > value)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
