using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Tests.Estimators;

/// <summary>One of each estimator.</summary>
internal static class EstimatorKinds
{
    public static EstimatorOptions[] Sampling =>
    [
        new ReinforceOptions(48),
        new ReinforceOptions(48, Baseline: true),
        new UniformOptions(48),
        new MixtureOptions(48, 20, 0.5, MixtureSampler.Iid),
        new MixtureOptions(48, 20, 0.5, MixtureSampler.Stratified),
    ];

    public static EstimatorOptions[] Strata =>
    [
        new StrataOptions(20, 48),
        new StrataOptions(20, 48, TailSharing.Context, Control: false),
        new StrataOptions(0, 48, TailSharing.Context),
        new StrataOptions(20, 12, RelativeError: 0.05, LongestTail: 200),
        new StrataOptions(20, 48) { Reuse = HeadReuse.Union },
    ];

    /// <summary>Those that devices have: all but those with a budget and those that reuse heads.</summary>
    public static EstimatorOptions[] OnDevices =>
        [.. WithoutBudget.Where(o => o is not StrataOptions { Reuse: not HeadReuse.None })];

    public static EstimatorOptions[] Drawing => [.. Sampling, .. Strata];

    public static EstimatorOptions[] All => [new ExactOptions(), .. Sampling, .. Strata];

    /// <summary>Those whose estimate of a context does not depend on the batch's others: a budget is the batch's.</summary>
    public static EstimatorOptions[] WithoutBudget => [.. All.Where(o => o is not StrataOptions { RelativeError: not null })];

    /// <summary>Those that estimate a covariance with weights that sum to 1: a constant in the reward drops out.</summary>
    public static EstimatorOptions[] Covariance => [.. All.Where(o => o is not ReinforceOptions { Baseline: false })];
}
