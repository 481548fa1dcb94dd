namespace KernelPolicy.ClosedLoop;

/// <summary>What one round of serving brought. All rewards are mean chances of a click, as the world knows them.</summary>
/// <param name="Round">From 1; the policy of round 1 is untrained.</param>
/// <param name="Reward">Of the items served.</param>
/// <param name="Random">Of a uniform choice for the same users.</param>
/// <param name="Best">Of the best item of each user, hidden quality included.</param>
/// <param name="PropensityError">Mean relative standard error of the logged propensities.</param>
/// <param name="Misses">Requests in which an item was seen that the index had missed.</param>
internal sealed record RoundReport(int Round, double Reward, double Random, double Best, double PropensityError, int Misses)
{
    /// <summary>The share of the way from random to best.</summary>
    public double Share => (Reward - Random) / (Best - Random);
}
