namespace KernelPolicy.Guard.Rules;

/// <summary>That what is fast is also right: a step that got faster by a worse gradient, or a search by a worse answer, is no faster. Draws
/// and searches follow from the seed, so that these figures are the same in every run on one vector width.</summary>
/// <param name="Contender">Whose it is.</param>
/// <param name="What">What it is, in words.</param>
/// <param name="Expected">As recorded.</param>
/// <param name="Limit">The last value that holds: above what is expected for an error, below it for a recall.</param>
internal sealed record QualityRule(string Contender, string What, double Expected, double Limit) : IRule
{
    /// <inheritdoc/>
    public Finding Check(Measurements measured)
    {
        double value = measured.Qualities[Contender];
        return new Finding($"{Contender}: {What}", Expected, Limit, value, Limit > Expected ? value <= Limit : value >= Limit);
    }
}

/// <summary>That a warm call allocates nothing.</summary>
/// <param name="Contender">Whose.</param>
internal sealed record AllocationRule(string Contender) : IRule
{
    /// <inheritdoc/>
    public Finding Check(Measurements measured)
    {
        long bytes = measured.Bytes[Contender];
        return new Finding($"{Contender}: bytes allocated", 0, 0, bytes, bytes == 0);
    }
}
