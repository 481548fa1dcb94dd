namespace KernelPolicy.Guard.Rules;

/// <summary>That one thing is so many times faster than another. Measured in turns, the ratio holds where times do not: what else runs
/// on the machine slows both.</summary>
/// <param name="Slower">The contender that takes longer.</param>
/// <param name="Faster">The contender that takes less.</param>
/// <param name="Expected">How many times less, as last recorded by hand.</param>
internal sealed record RatioRule(string Slower, string Faster, double Expected) : IRule
{
    /// <summary>Half of what is expected: processors differ by less, a lost vector path or index by more.</summary>
    public double Floor => Expected / 2;

    /// <inheritdoc/>
    public Finding Check(Measurements measured)
    {
        double ratio = measured.Milliseconds[Slower] / measured.Milliseconds[Faster];

        // NaN holds nowhere.
        return new Finding($"{Faster} against {Slower}, times faster", Expected, Floor, ratio, ratio >= Floor);
    }
}
