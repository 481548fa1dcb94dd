using System.CommandLine;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Options;

/// <summary>Options on whether and how items learn.</summary>
internal sealed class ItemOptionSet : OptionSet<ItemLearning>
{
    private readonly Option<string> _items = OptionFactory.Choice(
        "--items",
        "Whether items learn: frozen leaves them as embedded; corrected learns a correction of all of them that is folded into the query; " +
            "learned lets those that a step touches learn, as the policy does.",
        "frozen", "corrected", "learned");

    private readonly Option<int> _rank = OptionFactory.Number(
        "--item-rank", "Rank of the correction; 0 for the bias alone (corrected).", 0, 0, 1 << 16);

    private readonly Option<bool> _noBias = OptionFactory.Switch(
        "--no-item-bias", "Leave out the direction that all users share (corrected).");

    private readonly Option<double> _rate = OptionFactory.Number(
        "--item-rate", "Learning rate of items or of their correction, as a multiple of --learning-rate.", 1.0, 1e-12, 1e12);

    private readonly Option<bool> _throughHistories = OptionFactory.Switch(
        "--through-histories", "Let items learn by being in histories, too (learned).");

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_items, _rank, _noBias, _rate, _throughHistories];

    /// <inheritdoc/>
    public override ItemLearning Bind(ParseResult parsed) => parsed.GetRequiredValue(_items) switch
    {
        "corrected" => new CorrectedItems(parsed.GetRequiredValue(_rank), !parsed.GetValue(_noBias), parsed.GetRequiredValue(_rate)),
        "learned" => new LearnedItems(parsed.GetRequiredValue(_rate), parsed.GetValue(_throughHistories)),
        _ => ItemLearning.Frozen,
    };
}
