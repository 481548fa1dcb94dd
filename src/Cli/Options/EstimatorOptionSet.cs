using System.CommandLine;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Options;

/// <summary>Options on how gradients are estimated.</summary>
internal sealed class EstimatorOptionSet : OptionSet<EstimatorOptions>
{
    private readonly Option<string> _estimator = OptionFactory.Choice(
        "--estimator",
        "How the gradient is found. strata sums the best and the rewarded items and draws some of the rest, with an error bar; exact " +
            "and reinforce look at every item; uniform and mixture draw all they look at.",
        "strata", "exact", "mixture", "uniform", "reinforce");

    private readonly Option<int> _samples = OptionFactory.Number(
        "--samples", "Items drawn for each user, S (reinforce, uniform, mixture).", 1000, 2, 10_000_000);

    private readonly Option<int?> _topK = OptionFactory.OptionalNumber(
        "--top-k", "Items that the index finds for each user, K (strata: 64 unless given, 0 asks no index; mixture: 256).", 0, 1_000_000);

    private readonly Option<int> _tail = OptionFactory.Number(
        "--tail", "Items drawn from the rest, l (strata); with --relative-error, those that a step begins with.", 128, 1, 10_000_000);

    private readonly Option<string> _tailSharing = OptionFactory.Choice(
        "--tail-sharing", "Whether the users of a batch share the items drawn, or each has its own (strata).", "batch", "context");

    private readonly Option<double?> _relativeError = OptionFactory.OptionalNumber(
        "--relative-error", "The error of the gradient that a step may have, as a share of it: the tail grows to meet it (strata).",
        1e-9, 1e9);

    private readonly Option<int> _searchEvery = OptionFactory.Number(
        "--search-every",
        "Visits to a user from one search of the index to the next; between them the items found before are scored anew, unless " +
            "they miss too much (strata).",
        1, 1, 1_000_000);

    private readonly Option<int> _longestTail = OptionFactory.Number(
        "--longest-tail", "The most items that --relative-error may draw (strata).", 8192, 1, 10_000_000);

    private readonly Option<double> _epsilon = OptionFactory.NumberOr(
        "auto", "--epsilon",
        "Share of uniform draws: near 1 for a flat policy, near 0 for a sharp one; auto chooses it for each user (mixture, on simd).",
        0.8, 0, 1);

    private readonly Option<string> _sampler = OptionFactory.Choice(
        "--sampler", "Whether the share of uniform draws is fixed or drawn (mixture).", "stratified", "iid");

    private readonly Option<bool> _baseline = OptionFactory.Switch(
        "--baseline", "Subtract the mean reward of the draws (reinforce).");

    /// <inheritdoc/>
    public override IEnumerable<Option> All => 
        [_estimator, _samples, _topK, _tail, _tailSharing, _relativeError, _searchEvery, _longestTail, _epsilon, _sampler, _baseline];

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
                parsed.GetValue(_topK) ?? new MixtureOptions().TopK,
                double.IsNaN(parsed.GetRequiredValue(_epsilon)) ? new MixtureOptions().Epsilon : parsed.GetRequiredValue(_epsilon),
                parsed.Value<MixtureSampler>(_sampler))
            {
                IsAdaptive = double.IsNaN(parsed.GetRequiredValue(_epsilon)),
            },
            "strata" => new StrataOptions(
                parsed.GetValue(_topK) ?? new StrataOptions().TopK,
                parsed.GetRequiredValue(_tail),
                parsed.Value<TailSharing>(_tailSharing),
                RelativeError: parsed.GetValue(_relativeError),
                LongestTail: parsed.GetRequiredValue(_longestTail))
            {
                Reuse = parsed.GetRequiredValue(_searchEvery) > 1 ? HeadReuse.Instead : HeadReuse.None,
                SearchEvery = Math.Max(2, parsed.GetRequiredValue(_searchEvery)),
            },
            _ => new ExactOptions(),
        };
    }
}
