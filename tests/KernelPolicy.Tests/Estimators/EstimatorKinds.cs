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

    public static EstimatorOptions[] All => [new ExactOptions(), .. Sampling];

    /// <summary>Those that estimate a covariance with weights that sum to 1: a constant in the reward drops out.</summary>
    public static EstimatorOptions[] Covariance => [.. All.Where(o => o is not ReinforceOptions { Baseline: false })];
}
