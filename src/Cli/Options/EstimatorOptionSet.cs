using System.CommandLine;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Options;

/// <summary>Options on how gradients are estimated.</summary>
/// <param name="defaultEstimator">The method where none is asked for.</param>
internal sealed class EstimatorOptionSet(string defaultEstimator = "exact") : OptionSet<EstimatorOptions>
{
    private readonly Option<string> _estimator = OptionFactory.Choice(
        "--estimator",
        "How the gradient is found. exact and reinforce look at every item; uniform and mixture draw some, for large catalogues.",
        [defaultEstimator, .. new[] { "exact", "reinforce", "uniform", "mixture" }.Where(name => name != defaultEstimator)]);

    private readonly Option<int> _samples = OptionFactory.Number(
        "--samples", "Items drawn for each user, S (reinforce, uniform, mixture).", 1000, 2, 10_000_000);

    private readonly Option<int> _topK = OptionFactory.Number(
        "--top-k", "Items that the index finds for each user, K (mixture).", 256, 1, 1_000_000);

    private readonly Option<double> _epsilon = OptionFactory.Number(
        "--epsilon", "Share of uniform draws: near 1 for a flat policy, near 0 for a sharp one (mixture).", 0.8, 0, 1);

    private readonly Option<string> _sampler = OptionFactory.Choice(
        "--sampler", "Whether the share of uniform draws is fixed or drawn (mixture).", "stratified", "iid");

    private readonly Option<bool> _baseline = OptionFactory.Switch(
        "--baseline", "Subtract the mean reward of the draws (reinforce).");

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_estimator, _samples, _topK, _epsilon, _sampler, _baseline];

    /// <inheritdoc/>
    public override EstimatorOptions Bind(ParseResult parsed)
    {
        int samples = parsed.GetRequiredValue(_samples);
        return parsed.GetRequiredValue(_estimator) switch
        {
            "reinforce" => new ReinforceOptions(samples, parsed.GetValue(_baseline)),
            "uniform" => new UniformOptions(samples),
            "mixture" => new MixtureOptions(
                samples,
                parsed.GetRequiredValue(_topK),
                parsed.GetRequiredValue(_epsilon),
                parsed.Value<MixtureSampler>(_sampler)),
            _ => new ExactOptions(),
        };
    }
}
