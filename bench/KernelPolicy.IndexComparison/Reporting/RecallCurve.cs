using System.Globalization;
using KernelPolicy.Bench;
using KernelPolicy.IndexComparison.Measuring;

namespace KernelPolicy.IndexComparison.Reporting;

/// <summary>Recall against queries per second of one library, read at a recall of the reader's choice.</summary>
/// <param name="points">Measurements of the curve.</param>
internal sealed class RecallCurve(IReadOnlyList<Measurement> points)
{
    /// <summary>Measured points, by width.</summary>
    public IReadOnlyList<Measurement> Points { get; } = [.. points.OrderBy(p => p.Ef)];

    /// <summary>Whether nothing was measured.</summary>
    public bool IsEmpty => Points.Count == 0;

    /// <summary>The best recall that any width reached.</summary>
    public double MaxRecall => IsEmpty ? double.NaN : Points.Max(p => p.Recall);

    /// <summary>Points that no other beats in both recall and speed, by rising recall.</summary>
    public IReadOnlyList<Measurement> Envelope
    {
        get
        {
            List<Measurement> kept = [];
            foreach (Measurement point in Points.OrderByDescending(p => p.Recall).ThenByDescending(p => p.Value))
            {
                if (kept.Count == 0 || point.Value > kept[^1].Value)
                    kept.Add(point);
            }

            kept.Reverse();
            return kept;
        }
    }

    /// <summary>
    /// Queries per second at a recall: linear in recall and in the logarithm of the speed between neighbours of the
    /// envelope. NaN where the recall is not reached. Where even the narrowest width has more, its speed.
    /// </summary>
    public double QpsAt(double recall)
    {
        IReadOnlyList<Measurement> envelope = Envelope;
        if (envelope.Count == 0 || envelope[^1].Recall < recall)
            return double.NaN;
        int above = 0;
        while (envelope[above].Recall < recall)
            above++;
        if (above == 0)
            return envelope[0].Value;
        Measurement low = envelope[above - 1], high = envelope[above];
        double share = (recall - low.Recall) / (high.Recall - low.Recall);
        return Math.Exp(Math.Log(low.Value) + (share * (Math.Log(high.Value) - Math.Log(low.Value))));
    }

    /// <summary>The same for a table, or what was reached instead.</summary>
    public string SpeedAt(double recall)
    {
        double qps = QpsAt(recall);
        return IsEmpty ? "–" : !double.IsNaN(qps)
            ? MarkdownTable.Number(qps)
            : $"not reached (max recall {MaxRecall.ToString("0.000", CultureInfo.InvariantCulture)})";
    }
}
