using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>What the strata of a batch add up, item by item and in all.</summary>
internal readonly struct StrataTerms
{
    /// <summary>y, what the line leaves of e^{f−m} [B, slots].</summary>
    public ArrayView<float> Weights { get; init; }

    /// <summary>First y^r, what its line leaves of e^{f−m} r; then z = y^r − r̄ y [B, slots].</summary>
    public ArrayView<float> Rewarded { get; init; }

    /// <summary>Sums of each context [B].</summary>
    public ArrayView<StrataFigures> Figures { get; init; }

    /// <summary>Σ z β, Σ y β, and for tails Σ z² β, Σ z y β of each part [B·parts, teams, 4, stride].</summary>
    public ArrayView<float> Sums { get; init; }
}

/// <summary>u(f) = c0 + c1·f, whose sum over the catalogue is known exactly.</summary>
internal struct DeviceLine
{
    /// <summary>The kind of no line: u = 0.</summary>
    public const int None = 0;

    /// <summary>The kind of a level line: u = c0.</summary>
    public const int Level = 1;

    /// <summary>The kind of a line that slopes.</summary>
    public const int Sloped = 2;

    /// <summary>c0.</summary>
    public double Intercept;

    /// <summary>c1.</summary>
    public double Slope;

    /// <summary>u(f).</summary>
    public readonly double At(double score) => Intercept + (Slope * score);

    /// <summary>Σ_a u(f_a) = c0 P + c1 h·s.</summary>
    public readonly double Sum(int catalogue, double scoreSum) => (Intercept * catalogue) + (Slope * scoreSum);

    /// <summary>The least-squares line of a kind through points with these means, sum of squares and sum of products about
    /// them.</summary>
    public static DeviceLine Through(double meanScore, double meanValue, double squares, double products, int kind)
    {
        DeviceLine line;
        line.Slope = kind == Sloped && squares > 0 ? products / squares : 0;
        line.Intercept = kind == None ? 0 : meanValue - (line.Slope * meanScore);
        return line;
    }

    /// <summary>The share-weighted mean of two.</summary>
    public static DeviceLine Mix(DeviceLine a, DeviceLine b, double shareOfA)
    {
        DeviceLine line;
        line.Intercept = (shareOfA * a.Intercept) + ((1 - shareOfA) * b.Intercept);
        line.Slope = (shareOfA * a.Slope) + ((1 - shareOfA) * b.Slope);
        return line;
    }
}

/// <summary>What is taken away of one sum: by the draws of each half the line of the other, and by the head their mean, whose own sum
/// over the catalogue belongs to the estimate.</summary>
internal struct DeviceLines
{
    /// <summary>What the first half of the draws is corrected by.</summary>
    public DeviceLine OfFirst;

    /// <summary>What the second half is corrected by.</summary>
    public DeviceLine OfSecond;

    /// <summary>The mean of the two.</summary>
    public DeviceLine Both;

    /// <summary>Crosses the lines that were fitted to the halves.</summary>
    public static DeviceLines Cross(DeviceLine first, DeviceLine second, double shareOfFirst)
    {
        DeviceLines lines;
        lines.OfFirst = second;
        lines.OfSecond = first;
        lines.Both = DeviceLine.Mix(second, first, shareOfFirst);
        return lines;
    }
}

/// <summary>Sums over the strata of one context, to which the sums of β are joined.</summary>
internal struct StrataFigures
{
    /// <summary>(P − |H|)/l', the items that a draw stands for.</summary>
    public double Scale;

    /// <summary>Ẑ e^{−m}.</summary>
    public double Partition;

    /// <summary>r̄.</summary>
    public double Reward;

    /// <summary>The line that was taken from the weights.</summary>
    public DeviceLine Weights;

    /// <summary>The line that was taken from z.</summary>
    public DeviceLine Rewarded;

    /// <summary>Σ z over the draws.</summary>
    public double Z;

    /// <summary>Σ y over the draws.</summary>
    public double Y;

    /// <summary>Σ z² over the draws.</summary>
    public double ZSquares;

    /// <summary>Σ z y over the draws.</summary>
    public double Products;

    /// <summary>Σ y² over the draws.</summary>
    public double YSquares;

    /// <summary>Σ z² ‖β‖² over the draws.</summary>
    public double ZNorms;

    /// <summary>The squared standard error of Ẑ, as a share of Ẑ².</summary>
    public double PartitionVariance;

    /// <summary>(Σ e^f)²/Σ e^{2f} over the draws.</summary>
    public double SampleSize;

    /// <summary>The largest share of Ẑ that one draw stands for.</summary>
    public double LargestDraw;

    /// <summary>Draws that score above the least of the retrieved items.</summary>
    public double Missed;
}
