using System.CommandLine;
using System.Globalization;

namespace KernelPolicy.Cli.Options;

/// <summary>The model of the reward.</summary>
/// <param name="Kind">auto, ridge, logistic or none.</param>
/// <param name="Folds">Parts of the log, each predicted by a model of the others; 1 for one model of all.</param>
/// <param name="Penalty">Weight of its L2 penalty.</param>
internal sealed record RewardModelChoice(string Kind, int Folds, double Penalty)
{
    /// <summary>The word for whichever can be had cheaply.</summary>
    public const string Auto = "auto";

    /// <summary>The word for no model.</summary>
    public const string None = "none";

    // Normal equations of D = 1 + 3L numbers: beyond it a model takes longer than all else.
    private const int MostAutomaticDimension = 1024;

    /// <summary>Which model is fitted over items of L dimensions: ridge, logistic or none.</summary>
    public string KindFor(int dimension) =>
        Kind != Auto ? Kind : dimension <= MostAutomaticDimension ? "ridge" : None;

    /// <summary>The model in words.</summary>
    public string Words(int dimension) => string.Create(
        CultureInfo.InvariantCulture,
        $"{KindFor(dimension)}, penalty {Penalty}, {(Folds > 1 ? $"cross-fitted in {Folds} folds" : "fitted to all rows")}");
}

/// <summary>Options on the model of the reward.</summary>
/// <param name="purpose">What it is for.</param>
internal sealed class RewardModelOptionSet(string purpose) : OptionSet<RewardModelChoice>
{
    private readonly Option<string> _model = OptionFactory.Choice(
        "--reward-model",
        $"The model of the reward {purpose}: ridge, linear regression; logistic, for rewards from 0 to 1. auto takes ridge where items have 1024 dimensions at most.",
        RewardModelChoice.Auto, "ridge", "logistic", RewardModelChoice.None);

    private readonly Option<int> _folds = OptionFactory.Number(
        "--folds", "Parts in which the reward model is fitted, each row by the parts without it; 1 fits one to all.", 5, 1, 1000);

    private readonly Option<double> _penalty = OptionFactory.Number(
        "--model-penalty", "Weight of the L2 penalty of the reward model.", 1e-3, 1e-12, 1e12);

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_model, _folds, _penalty];

    /// <inheritdoc/>
    public override RewardModelChoice Bind(ParseResult parsed) =>
        new(parsed.GetRequiredValue(_model), parsed.GetRequiredValue(_folds), parsed.GetRequiredValue(_penalty));
}
