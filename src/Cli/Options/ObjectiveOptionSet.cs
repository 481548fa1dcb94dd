using System.CommandLine;
using System.Globalization;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Options;

/// <summary>What a training makes large.</summary>
/// <param name="Kind">Expected reward or log-likelihood.</param>
/// <param name="KlWeight">λ of −λ KL(π ‖ π_ref); 0 for no pull.</param>
/// <param name="Reference">Folder of the reference policy; null for the uniform one.</param>
internal sealed record ObjectiveChoice(ObjectiveKind Kind, double KlWeight, string? Reference)
{
    /// <summary>The objective with the uniform policy for a reference, which says all that a device needs to know of it.</summary>
    public TrainingObjective WithoutReference => new() { Kind = Kind, KlWeight = KlWeight };

    /// <summary>The objective in words.</summary>
    public string Words
    {
        get
        {
            string kind = Kind == ObjectiveKind.LogLikelihood ? "log-likelihood" : "expected-reward";
            return KlWeight == 0
                ? kind
                : string.Create(CultureInfo.InvariantCulture, $"{kind}, less {KlWeight} KL to {Reference ?? "the uniform policy"}");
        }
    }
}

/// <summary>Options on the objective.</summary>
internal sealed class ObjectiveOptionSet : OptionSet<ObjectiveChoice>
{
    private const string LogLikelihood = "log-likelihood";

    private readonly Option<string> _objective = OptionFactory.Choice(
        "--objective",
        "What is made large: expected-reward, the sum of π r; log-likelihood, the sum of r ln π over rewarded items, which is concave.",
        "expected-reward", LogLikelihood);

    private readonly Option<double> _klWeight = OptionFactory.Number(
        "--kl-weight", "Weight of the divergence KL(π ‖ reference) that is taken off the objective; 0 for none.", 0.0, 0.0, 1e30);

    private readonly Option<string?> _reference = OptionFactory.Text(
        "--reference",
        "Folder of a policy over the same items to stay near, with --kl-weight. Without it the uniform policy: a bonus for entropy.",
        "DIR");

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_objective, _klWeight, _reference];

    /// <inheritdoc/>
    public override ObjectiveChoice Bind(ParseResult parsed)
    {
        ObjectiveChoice choice = new(
            parsed.GetRequiredValue(_objective) == LogLikelihood ? ObjectiveKind.LogLikelihood : ObjectiveKind.ExpectedReward,
            parsed.GetRequiredValue(_klWeight),
            parsed.GetValue(_reference));
        return choice is { Reference: not null, KlWeight: 0 }
            ? throw new ArgumentException("--reference is the policy to stay near; say how near by a --kl-weight above 0.")
            : choice;
    }
}
