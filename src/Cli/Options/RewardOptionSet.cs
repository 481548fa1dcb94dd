using System.CommandLine;
using System.Globalization;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Options;

/// <summary>What of a logged decision is learnt from.</summary>
/// <param name="Kind">The name on the command line.</param>
/// <param name="Parameter">τ, γ, α or λ; null where the kind has none, or it follows from the number of decisions.</param>
/// <param name="Translation">b, subtracted from rewards before they are weighed.</param>
internal sealed record RewardChoice(string Kind, double? Parameter, double Translation)
{
    /// <summary>Whether a model of the reward is corrected by the log.</summary>
    public bool IsDoublyRobust => Kind is "dr" or "clipped-dr";

    /// <summary>The weighting for a log of N decisions.</summary>
    public PropensityWeighting Weighting(int decisions)
    {
        double parameter = Parameter ?? 1 / Math.Sqrt(Math.Max(1, decisions));
        return Kind switch
        {
            "clipped" or "clipped-dr" => PropensityWeighting.Clipped(parameter),
            "self-normalised" => PropensityWeighting.SelfNormalised,
            "implicit-exploration" => PropensityWeighting.ImplicitExploration(parameter),
            "exponential" => PropensityWeighting.ExponentialSmoothing(parameter),
            "logarithmic" => PropensityWeighting.LogarithmicSmoothing(parameter),
            _ => PropensityWeighting.Inverse,
        };
    }

    /// <summary>The reward in words.</summary>
    /// <param name="decisions">N.</param>
    /// <param name="model">The model in words, where it is doubly robust.</param>
    public string Words(int decisions, string model) =>
        (IsDoublyRobust ? $"doubly robust by {Weighting(decisions)}; {model}" : Weighting(decisions).ToString())
        + (Translation == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; translated by {Translation}"));
}

/// <summary>Options on the reward.</summary>
internal sealed class RewardOptionSet : OptionSet<RewardChoice>
{
    private readonly Option<string> _reward = OptionFactory.Choice(
        "--reward",
        "How a reward r is weighed by its propensity p. ips: r/p; clipped: r/max(τ, p); self-normalised: by the mean of 1/p; "
        + "implicit-exploration: r/(p + γ); exponential: r/p^α; logarithmic: ln(1 + λr/p)/λ; dr and clipped-dr: a model of the reward, "
        + "corrected by what is left of r.",
        "ips", "clipped", "self-normalised", "implicit-exploration", "exponential", "logarithmic", "dr", "clipped-dr");

    private readonly Option<double?> _clip = OptionFactory.OptionalNumber(
        "--clip", "τ, the least propensity to weigh by (clipped, clipped-dr); 1/√N of the training decisions unless given.", 0.0, 1.0);

    private readonly Option<double?> _gamma = OptionFactory.OptionalNumber(
        "--gamma", "γ, added to propensities (implicit-exploration); 1/√N unless given.", 0.0, 1e6);

    private readonly Option<double?> _alpha = OptionFactory.OptionalNumber(
        "--alpha", "α, the power of propensities: 1 weighs by them, 0 not at all (exponential).", 0.0, 1.0);

    private readonly Option<double?> _lambda = OptionFactory.OptionalNumber(
        "--lambda", "λ, how much large weights are smoothed (logarithmic); 1/√N unless given.", 0.0, 1e6);

    private readonly Option<double> _translation = OptionFactory.Number(
        "--translation", "b, subtracted from rewards before they are weighed, as BanditNet does; not for dr.", 0.0, -1e30, 1e30);

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_reward, _clip, _gamma, _alpha, _lambda, _translation];

    /// <inheritdoc/>
    public override RewardChoice Bind(ParseResult parsed)
    {
        string kind = parsed.GetRequiredValue(_reward);
        Option<double?>? taken = kind switch
        {
            "clipped" or "clipped-dr" => _clip,
            "implicit-exploration" => _gamma,
            "exponential" => _alpha,
            "logarithmic" => _lambda,
            _ => null,
        };
        foreach (Option<double?> option in new[] { _clip, _gamma, _alpha, _lambda })
        {
            if (option != taken && parsed.GetValue(option) is not null)
                throw new ArgumentException($"{option.Name} is not for --reward {kind}; {option.Description}");
        }

        double? parameter = taken is null ? null : parsed.GetValue(taken);
        if (taken == _alpha && parameter is null)
            throw new ArgumentException("--reward exponential needs --alpha, from 0 (no weighing) to 1 (ips).");
        RewardChoice choice = new(kind, parameter, parsed.GetRequiredValue(_translation));
        return choice is { IsDoublyRobust: true, Translation: not 0 }
            ? throw new ArgumentException($"--translation is not for --reward {kind}, whose model takes its place.")
            : choice;
    }
}
