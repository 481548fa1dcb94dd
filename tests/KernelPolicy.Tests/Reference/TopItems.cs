namespace KernelPolicy.Tests.Reference;

/// <summary>
/// The K items of highest score, best first; of two items with one score the smaller number comes first. A full sort.
/// </summary>
internal static class TopItems
{
    /// <summary>f [P] and K give at most K item numbers.</summary>
    public static int[] Of(double[] f, int k) =>
        [.. Enumerable.Range(0, f.Length).OrderByDescending(a => f[a]).ThenBy(a => a).Take(k)];

    /// <summary>The same for scores in single precision, where ties are those of single precision.</summary>
    public static int[] Of(float[] f, int k) =>
        [.. Enumerable.Range(0, f.Length).OrderByDescending(a => f[a]).ThenBy(a => a).Take(k)];
}
