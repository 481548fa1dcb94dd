using KernelPolicy.Kernels;

namespace KernelPolicy.Bench;

/// <summary>
/// Bytes that a training step moves, counted from what its kernels do. β in single precision, rows padded to 16 numbers.
/// </summary>
/// <remarks>
/// <para>A row that a step reads twice counts once: the second read finds it in the cache. Rows that two contexts have in common, and
/// what the cache keeps from step to step, are not subtracted: at catalogues larger than the cache neither is much.</para>
/// <para>Every step: B·X rows of histories, and 9·L rows of Θ's size: Θ read for H, the gradient written and read, Θ and Adam's two moments
/// read and written.</para>
/// </remarks>
/// <param name="Items">P.</param>
/// <param name="Dimension">L.</param>
/// <param name="BatchSize">B.</param>
/// <param name="History">X, items of a history.</param>
/// <param name="Rewarded">Y, rewarded items of a context.</param>
internal sealed record StepBytes(double Items, int Dimension, double BatchSize = 32, double History = 10, double Rewarded = 10)
{
    private const double Number = sizeof(float);

    // The rows of one group of twelve weights that a draw goes through on average: half of them, each a line of its own.
    private const double DrawLines = 6 * 64;
    private const double GroupItems = 12;

    /// <summary>A row of β.</summary>
    public double Row => Matrix.PaddedLength(Dimension) * Number;

    /// <summary>A row of 8-bit codes, which fills whole lines.</summary>
    public double CodeRow => Math.Ceiling(Dimension / 64.0) * 64;

    /// <summary>β.</summary>
    public double Table => Items * Row;

    private double Common => (BatchSize * History * Row) + (9 * Dimension * Row);

    /// <summary>The exact scan: β once a batch.</summary>
    public double Scan => Table;

    /// <summary>The exact gradient: β once, and the rewarded rows.</summary>
    public double Exact => Common + Table + (BatchSize * Rewarded * Row);

    /// <summary>REINFORCE: β once; B·P weights written, their sums by twelve written and read; S draws, each through half a group; the rows of
    /// draws that earn a reward, at most Y a context.</summary>
    public double Reinforce(double samples) =>
        Common + Table + (Number * BatchSize * Items * (1 + (2 / GroupItems))) + (BatchSize * samples * DrawLines) + (BatchSize * Rewarded * Row);

    /// <summary>Uniform draws: a row each.</summary>
    public double Uniform(double samples) => Common + (BatchSize * samples * Row);

    /// <summary>The mixture: the search, and at most a row a draw.</summary>
    public double Mixture(double samples, double search) => Common + search + (BatchSize * samples * Row);

    /// <summary>Strata: the search, l rows that the batch shares, K and Y rows a context.</summary>
    public double Strata(double topK, double tail, double search) =>
        Common + search + (tail * Row) + (BatchSize * (topK + Rewarded) * Row);

    /// <summary>A search of the graph: codes of every node scored, the links of ef nodes followed, K rows scored once more.</summary>
    /// <param name="scored">Nodes scored a query, as counted.</param>
    /// <param name="efSearch">ef.</param>
    /// <param name="topK">K.</param>
    /// <param name="m">M; a node has 2·M links.</param>
    public double Graph(double scored, double efSearch, double topK, double m = 32) =>
        BatchSize * ((scored * CodeRow) + (Math.Max(efSearch, topK) * 2 * m * sizeof(int)) + (topK * Row));
}
