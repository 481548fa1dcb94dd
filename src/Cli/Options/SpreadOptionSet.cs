using System.CommandLine;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Options;

/// <summary>How a training is spread over ranks.</summary>
/// <param name="Kind">auto, none, contexts or items.</param>
/// <param name="Shares">S; null for as many as there are ranks, or as the checkpoint has.</param>
/// <param name="Heads">By which queries heads are retrieved; null for what suits.</param>
internal sealed record SpreadChoice(string Kind, int? Shares, HeadTiming? Heads)
{
    /// <summary>The word for what mpirun decides.</summary>
    public const string Auto = "auto";

    /// <summary>The word for a training by itself.</summary>
    public const string None = "none";

    /// <summary>The word for users that are divided, with all items on each rank.</summary>
    public const string Contexts = "contexts";

    /// <summary>The word for items that are divided.</summary>
    public const string Items = "items";
}

/// <summary>Options on ranks.</summary>
internal sealed class SpreadOptionSet : OptionSet<SpreadChoice>
{
    private readonly Option<string> _spread = OptionFactory.Choice(
        "--spread",
        "What ranks started by mpirun divide: contexts, the users, with all items on each; or items, for catalogues that one machine cannot "
        + "hold. auto divides contexts where mpirun has started more than one rank, and nothing where not.",
        SpreadChoice.Auto, SpreadChoice.None, SpreadChoice.Contexts, SpreadChoice.Items);

    private readonly Option<int?> _shares = OptionFactory.OptionalNumber<int>(
        "--shares",
        "Shares that contexts are divided into: a step takes --batch-size of each. By default one a rank, or with --resume as many as "
        + "before; with as many shares any number of ranks trains the same.",
        1, 1 << 20);

    private readonly Option<string> _heads = OptionFactory.Choice(
        "--heads",
        "By which Θ a step's top K is retrieved: its own, or that of the step before, beside the exchange of gradients. auto takes the step "
        + "before where contexts are in several shares and the estimator is strata.",
        SpreadChoice.Auto, "same-step", "step-before");

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_spread, _shares, _heads];

    /// <inheritdoc/>
    public override SpreadChoice Bind(ParseResult parsed)
    {
        SpreadChoice choice = new(
            parsed.GetRequiredValue(_spread),
            parsed.GetValue(_shares),
            parsed.GetRequiredValue(_heads) switch
            {
                "same-step" => HeadTiming.SameStep,
                "step-before" => HeadTiming.StepBefore,
                _ => null,
            });
        return choice is { Kind: SpreadChoice.Items, Shares: > 1 } or { Kind: SpreadChoice.Items, Heads: HeadTiming.StepBefore }
            ? throw new ArgumentException("--spread items divides no users: leave out --shares and --heads step-before.")
            : choice;
    }
}
