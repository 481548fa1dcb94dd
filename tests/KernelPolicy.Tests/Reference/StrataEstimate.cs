namespace KernelPolicy.Tests.Reference;

/// <summary>
/// The strata estimate of one context in double precision for a head and tail draws that are given, with or without the linear
/// control variate, and its errors from the vectors φ themselves (algorithm.md, item 5; the remarks of StrataGradient).
/// </summary>
internal sealed class StrataEstimate
{
    private readonly double[] _f;
    private readonly double[,] _beta;
    private readonly int[] _head;
    private readonly int[] _tail;

    /// <summary>f [P], r [P], β [P, L], a head of distinct items, and l' draws outside it; where <paramref name="isWhole"/>
    /// they are all that is outside.</summary>
    public StrataEstimate(double[] f, double[] r, double[,] beta, int[] head, int[] tail, bool control, bool isWhole = false)
    {
        (_f, _beta, _head, _tail) = (f, beta, head, tail);
        double max = head.Concat(tail).Max(a => f[a]);
        double outside = f.Length - head.Length;
        Scale = tail.Length == 0 ? 0 : outside / tail.Length;
        IsControlled = control && !isWhole && tail.Length >= 8;
        double[] e = [.. f.Select(v => Math.Exp(v - max))];
        double[] er = [.. e.Select((v, a) => v * r[a])];
        (int, int) lines = default;
        int half = tail.Length / 2;
        if (IsControlled)
            lines = (Line(e, er, tail[..half]), Line(e, er, tail[half..]));
        IsControlled &= lines != (0, 0);
        Terms weights = Split(e, lines), rewarded = Split(er, lines);
        if (IsControlled && weights.Sum <= head.Sum(a => e[a]))
        {
            IsControlled = false;
            (weights, rewarded) = (Split(e, default), Split(er, default));
        }

        LogPartition = max + Math.Log(weights.Sum);
        Reward = rewarded.Sum / weights.Sum;
        int dimension = beta.GetLength(1);
        double[] mean = [.. weights.Vector.Select(v => v / weights.Sum)];
        Gradient = [.. Enumerable.Range(0, dimension).Select(l => (rewarded.Vector[l] / weights.Sum) - (Reward * mean[l]))];
        Magnitude = [.. Enumerable.Range(0, dimension).Select(
            l => (rewarded.Size[l] + (Math.Abs(Reward) * weights.Size[l]) + (rewarded.Total * weights.Size[l] / weights.Sum)
                + (3 * Math.Abs(Reward) * weights.Total * weights.Size[l] / weights.Sum)) / weights.Sum)];
        PartitionMagnitude = weights.Total / weights.Sum;
        Errors(weights, rewarded, mean, half, isWhole);
    }

    /// <summary>Items that a draw stands for.</summary>
    public double Scale { get; }

    /// <summary>Whether a line was taken away.</summary>
    public bool IsControlled { get; private set; }

    /// <summary>ln Ẑ.</summary>
    public double LogPartition { get; }

    /// <summary>r̄.</summary>
    public double Reward { get; }

    /// <summary>g [L].</summary>
    public double[] Gradient { get; }

    /// <summary>Sizes of all terms that g is made of [L]: a share of these is what rounding may change.</summary>
    public double[] Magnitude { get; }

    /// <summary>The same for Ẑ, over Ẑ.</summary>
    public double PartitionMagnitude { get; }

    /// <summary>Standard error of Ẑ over Ẑ.</summary>
    public double PartitionError { get; private set; }

    /// <summary>Estimate of E‖ĝ − Eĝ‖².</summary>
    public double GradientVariance { get; private set; }

    // 0 for no line, 1 for a level one, 2 for one that slopes: where draws have rewards, what is summed is e^f (r − r̄).
    private int Line(double[] e, double[] er, int[] draws)
    {
        bool isDense = _tail.Any(a => er[a] != 0);
        double stands = (double)(_f.Length - _head.Length) / draws.Length;
        double mean = (_head.Sum(a => er[a]) + (stands * draws.Sum(a => er[a]))) / (_head.Sum(a => e[a]) + (stands * draws.Sum(a => e[a])));
        double[] f = [.. draws.Select(a => _f[a])], v = [.. draws.Select(a => isDense ? er[a] - (mean * e[a]) : e[a])];
        double ff = Cross(f, f), fv = Cross(f, v), vv = Cross(v, v);
        return fv * fv > (0.5 + (2.4 / draws.Length)) * ff * vv ? 2 : isDense ? 0 : 1;
    }

    private Terms Split(double[] y, (int First, int Second) lines)
    {
        int half = _tail.Length / 2;
        (double Intercept, double Slope) first = default, second = default, both = default;
        if (IsControlled)
        {
            first = Line(y, _tail[..half], lines.First);
            second = Line(y, _tail[half..], lines.Second);
            double share = (double)half / _tail.Length;
            both = ((share * second.Intercept) + ((1 - share) * first.Intercept), (share * second.Slope) + ((1 - share) * first.Slope));
        }

        double At((double Intercept, double Slope) line, int a) => line.Intercept + (line.Slope * _f[a]);
        double[] head = [.. _head.Select(a => y[a] - At(both, a))];
        double[] tail = [.. _tail.Select((a, j) => y[a] - At(j < half ? second : first, a))];
        int[] all = [.. Enumerable.Range(0, _f.Length)];
        double[] line = [.. all.Select(a => At(both, a))];
        int dimension = _beta.GetLength(1);
        double sum = line.Sum() + head.Sum() + (Scale * tail.Sum());
        double[] vector = new double[dimension], size = new double[dimension];
        double total = all.Sum(a => Math.Abs(both.Intercept) + Math.Abs(both.Slope * _f[a]));
        void Add(double c, double magnitude, int a)
        {
            for (int l = 0; l < dimension; l++)
            {
                vector[l] += c * _beta[a, l];
                size[l] += magnitude * Math.Abs(_beta[a, l]);
            }
        }

        for (int a = 0; IsControlled && a < all.Length; a++)
            Add(line[a], Math.Abs(both.Intercept) + Math.Abs(both.Slope * _f[a]), a);
        for (int k = 0; k < _head.Length; k++)
        {
            double magnitude = Math.Abs(y[_head[k]]) + Math.Abs(both.Intercept) + Math.Abs(both.Slope * _f[_head[k]]);
            total += magnitude;
            Add(head[k], magnitude, _head[k]);
        }

        for (int j = 0; j < _tail.Length; j++)
        {
            (double intercept, double slope) = j < half ? second : first;
            double magnitude = Scale * (Math.Abs(y[_tail[j]]) + Math.Abs(intercept) + Math.Abs(slope * _f[_tail[j]]));
            total += magnitude;
            Add(Scale * tail[j], magnitude, _tail[j]);
        }

        return new Terms(tail, sum, total, vector, size);
    }

    private (double Intercept, double Slope) Line(double[] y, int[] draws, int kind)
    {
        if (kind == 0)
            return default;

        double[] f = [.. draws.Select(a => _f[a])], v = [.. draws.Select(a => y[a])];
        double spread = Cross(f, f);
        double slope = kind == 2 && spread > 0 ? Cross(f, v) / spread : 0;
        return (v.Average() - (slope * f.Average()), slope);
    }

    private void Errors(Terms weights, Terms rewarded, double[] mean, int half, bool isWhole)
    {
        int n = _tail.Length;
        if (isWhole)
            return;
        if (n < 2)
        {
            (PartitionError, GradientVariance) = (double.PositiveInfinity, double.PositiveInfinity);
            return;
        }

        double[] y = weights.Tail;
        double spread = IsControlled
            ? (Cross(y[..half], y[..half]) + Cross(y[half..], y[half..])) / (n - 2)
            : Cross(y, y) / (n - 1);
        double stands = (_f.Length - _head.Length) / weights.Sum;
        PartitionError = stands * Math.Sqrt(spread / n);
        double[][] phi = [.. Enumerable.Range(0, n).Select(j => Enumerable.Range(0, mean.Length).Select(
            l => stands * (((rewarded.Tail[j] - (Reward * y[j])) * (_beta[_tail[j], l] - mean[l])) - (y[j] * Gradient[l]))).ToArray())];
        for (int l = 0; l < mean.Length; l++)
        {
            double[] column = [.. phi.Select(row => row[l])];
            GradientVariance += Cross(column, column) / ((double)n * (n - 1));
        }
    }

    private static double Cross(double[] a, double[] b)
    {
        double meanA = a.Average(), meanB = b.Average();
        return a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
    }

    /// <summary>A sum over the catalogue: what is left of the draws, its value, the size of its terms; and both times β.</summary>
    private sealed record Terms(double[] Tail, double Sum, double Total, double[] Vector, double[] Size);
}
