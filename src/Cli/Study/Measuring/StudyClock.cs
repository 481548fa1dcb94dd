namespace KernelPolicy.Cli.Study;

/// <summary>Tells the time left: what the cells that are left are expected to take, corrected by what those done took against their
/// estimates. Not thread-safe.</summary>
/// <param name="total">Seconds that all cells to be measured are expected to take.</param>
internal sealed class StudyClock(double total)
{
    // Before cells that are expected to take this long are done, their estimates are worth more than what they took.
    private const double SecondsOfTrust = 2;

    private double _expected;
    private double _taken;

    /// <summary>Share of the work done.</summary>
    /// <param name="expected">Seconds that the cell under way is expected to take.</param>
    /// <param name="share">Share of it done.</param>
    public double Share(double expected = 0, double share = 0) =>
        total > 0 ? Math.Clamp((_expected + (expected * share)) / total, 0, 1) : 1;

    /// <summary>The time left.</summary>
    /// <param name="expected">Seconds that the cell under way is expected to take.</param>
    /// <param name="share">Share of it done.</param>
    public TimeSpan Left(double expected = 0, double share = 0)
    {
        double pace = (_taken + SecondsOfTrust) / (_expected + SecondsOfTrust);
        return TimeSpan.FromSeconds(Math.Max(0, total - _expected - (expected * share)) * pace);
    }

    /// <summary>A cell is done.</summary>
    /// <param name="expected">Seconds that it was expected to take.</param>
    /// <param name="taken">Seconds that it took.</param>
    public void Add(double expected, double taken)
    {
        _expected += expected;
        _taken += taken;
    }
}
