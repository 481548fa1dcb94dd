using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Output;

/// <summary>Puts an estimator in words, by the names of the command line and the symbols of the paper.</summary>
internal static class EstimatorText
{
    /// <summary>The method with its parameters, as policies and plots name it.</summary>
    public static string Words(string name, string settings) => $"{name} {settings}".Trim();

    /// <summary>The parameters; empty where there are none.</summary>
    public static string Settings(EstimatorOptions options) => options switch
    {
        ReinforceOptions reinforce => $"S = {reinforce.Samples}" + (reinforce.Baseline ? ", with baseline" : ""),
        UniformOptions uniform => $"S = {uniform.Samples}",
        MixtureOptions mixture =>
            $"S = {mixture.Samples}, K = {mixture.TopK}, ε = {(mixture.IsAdaptive ? "auto" : $"{mixture.Epsilon}")}, {(mixture.Sampler == MixtureSampler.Iid ? "iid" : "stratified")}",
        StrataOptions strata =>
            $"K = {strata.TopK}, l = {strata.Tail} a {(strata.Sharing == TailSharing.Batch ? "batch" : "context")}" +
            (strata.RelativeError is { } error ? $" to {strata.LongestTail} for an error of {error}" : "") +
            (strata.Reuse == HeadReuse.Instead ? $", searched every {strata.SearchEvery} visits" : "") +
            (strata.Control ? "" : ", no control variate"),
        _ => "",
    };
}
