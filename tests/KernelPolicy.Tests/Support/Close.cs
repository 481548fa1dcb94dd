using System.Globalization;
using System.Text;
using NUnit.Framework;

namespace KernelPolicy.Tests.Support;

/// <summary>
/// Comparison of lists of numbers within |actual − expected| ≤ absolute + relative · |expected|. A failure names the
/// places, both values and the share of the allowed error that was used. Every caller says in a comment where its
/// tolerance comes from.
/// </summary>
internal static class Close
{
    private const int Shown = 10;

    /// <summary>Unit roundoff of single precision, 2^-24: one operation is off by at most this share of its result.</summary>
    public const double SingleUnit = 1.0 / (1 << 24);

    /// <summary>
    /// γ_n = n·u / (1 − n·u): a sum or dot product of n terms in single precision, in any order and with or without
    /// fused operations, is off by at most γ_n Σ|terms| (Higham, Accuracy and Stability, section 3.1).
    /// </summary>
    public static double Gamma(int n) => n * SingleUnit / (1 - (n * SingleUnit));

    public static void Values(
        ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double absolute, double relative, string what)
    {
        double[] allowed = new double[expected.Length];
        for (int i = 0; i < allowed.Length; i++)
            allowed[i] = absolute + (relative * Math.Abs(expected[i]));
        Within(actual, expected, allowed, what);
    }

    public static void Values(
        ReadOnlySpan<float> actual, ReadOnlySpan<double> expected, double absolute, double relative, string what) =>
        Values(Widen(actual), expected, absolute, relative, what);

    public static void Within(
        ReadOnlySpan<float> actual, ReadOnlySpan<double> expected, ReadOnlySpan<double> allowed, string what) =>
        Within(Widen(actual), expected, allowed, what);

    /// <summary>The same with an allowance for each place; NaN is close to NaN alone, an infinity to itself.</summary>
    public static void Within(
        ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, ReadOnlySpan<double> allowed, string what)
    {
        if (actual.Length != expected.Length)
            Assert.Fail($"{what}: {actual.Length} values, expected {expected.Length}.");
        StringBuilder? report = null;
        int wrong = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            if (Same(actual[i], expected[i]) || Math.Abs(actual[i] - expected[i]) <= allowed[i])
                continue;
            report ??= new StringBuilder();
            if (wrong++ < Shown)
            {
                report.Append(CultureInfo.InvariantCulture, $"\n  [{i}] expected {expected[i]:R} actual {actual[i]:R}");
                report.Append(
                    CultureInfo.InvariantCulture,
                    $" error {Math.Abs(actual[i] - expected[i]) / allowed[i]:P0} of the {allowed[i]:G3} allowed");
            }
        }

        if (report != null)
            Assert.Fail($"{what}: {wrong} of {actual.Length} values are off.{report}");
    }

    private static bool Same(double a, double b) => a.Equals(b);

    private static double[] Widen(ReadOnlySpan<float> values)
    {
        double[] wide = new double[values.Length];
        for (int i = 0; i < wide.Length; i++)
            wide[i] = values[i];
        return wide;
    }
}
