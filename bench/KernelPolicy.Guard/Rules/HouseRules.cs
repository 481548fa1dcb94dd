using KernelPolicy.Guard.Measuring;

namespace KernelPolicy.Guard.Rules;

/// <summary>What must hold at 100,000 items of 64 dimensions, one thread, by two cores of an AMD EPYC (AVX-512). Narrower vectors slow what
/// is bound by arithmetic, REINFORCE and the scan, more than the rest, so that ratios rise.</summary>
internal static class HouseRules
{
    /// <summary>P that the expectations are of.</summary>
    public const int Items = 100_000;

    /// <summary>L that the expectations are of.</summary>
    public const int Dimension = 64;

    /// <summary>All rules.</summary>
    public static IReadOnlyList<IRule> All { get; } =
    [
        new RatioRule(GuardedCalls.Reinforce, GuardedCalls.Mixture, 1.55),
        new RatioRule(GuardedCalls.Mixture, GuardedCalls.Strata, 4),
        new RatioRule(GuardedCalls.Scan, GuardedCalls.Search, 2.7),

        // Twice the error; three times the misses. Widths differ in rounding, and so in a few draws and links.
        new QualityRule(GuardedCalls.Mixture, "relative error of a gradient", 0.082, 0.164),
        new QualityRule(GuardedCalls.Strata, "relative error of a gradient", 0.015, 0.03),
        new QualityRule(GuardedCalls.Search, "recall of the top 64", 0.995, 0.985),
        .. GuardedCalls.Names.Select(name => new AllocationRule(name)),
    ];
}
