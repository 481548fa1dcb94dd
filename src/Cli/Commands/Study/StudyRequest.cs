using System.CommandLine;
using System.Text.RegularExpressions;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Study;

namespace KernelPolicy.Cli.Commands;

/// <summary>A study, as asked for.</summary>
/// <param name="Settings">Its sizes; those of the catalogue are the data's own where data are read.</param>
/// <param name="Data">Interactions to learn on; empty to draw them.</param>
/// <param name="Only">Names of the cells to measure; null for all.</param>
/// <param name="List">Whether cells are listed, and not measured.</param>
/// <param name="Device">Where steps run.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Folder">Where cells and report go.</param>
/// <param name="Output">How results are shown.</param>
internal sealed record StudyRequest(
    StudySettings Settings, DataSource Data, Regex? Only, bool List, DeviceChoice Device, int Threads, StudyFolder Folder,
    OutputChoice Output);

/// <summary>All options of a study.</summary>
internal sealed class StudyOptionSet : OptionSet<StudyRequest>
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);

    private readonly DataOptionSet _data = new("Files of interactions to learn on, plain or gzipped. Without any, they are drawn.");
    private readonly DeviceOptionSet _device = new();
    private readonly ThreadOptionSet _threads = new();
    private readonly OutputOptionSet _output = new();

    private readonly Option<string> _preset = OptionFactory.Choice(
        "--preset", "small takes minutes; full has the sizes of the paper's data and takes days: see --list.", StudySettings.SmallPreset,
        StudySettings.FullPreset);

    private readonly Option<int?> _items = OptionFactory.OptionalNumber(
        "--items", "Items of the catalogue that small draws (10,000).", 100, 1 << 24);

    private readonly Option<int?> _users = OptionFactory.OptionalNumber("--users", "Users that small draws (10,000).", 50, 1 << 24);

    private readonly Option<int?> _dimension = OptionFactory.OptionalNumber(
        "--dim", "L at which policies learn (small: 64, full: 100; the paper: 1000).", 1, 4096);

    private readonly Option<int?> _epochs = OptionFactory.OptionalNumber(
        "--epochs", "Passes over the training users (small: 15, full: 50).", 1, 100_000);

    private readonly Option<int?> _seeds = OptionFactory.OptionalNumber(
        "--seeds", "Repetitions of everything; more can be added later (3).", 1, 1000);

    private readonly Option<double?> _rate = OptionFactory.OptionalNumber(
        "--learning-rate", "Step size of Adam (small: 0.001, full: those of the paper, --data: 0.0003).", 1e-12, 1e3);

    private readonly Option<string?> _only = OptionFactory.Text(
        "--only", "Measure only cells whose names match, such as 'steps|seed1$'; the report has all that the folder holds.", "REGEX");

    private readonly Option<bool> _list = OptionFactory.Switch(
        "--list", "Show the cells with the time that each is expected to take, and measure nothing.");

    private readonly Option<string> _out = new("--out")
    {
        Description = "Folder for cells and report. What it holds already is not measured again.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "kernelpolicy-study",
    };

    /// <inheritdoc/>
    public override IEnumerable<Option> All =>
    [
        _preset, .. _data.All, _items, _users, _dimension, _epochs, _seeds, _rate, _only, _list, .. _device.All, .. _threads.All, _out,
        .. _output.All,
    ];

    /// <inheritdoc/>
    public override StudyRequest Bind(ParseResult parsed)
    {
        DataSource data = _data.Bind(parsed);
        StudySettings preset = StudySettings.Of(parsed.GetRequiredValue(_preset));
        (int? items, int? users) = (parsed.GetValue(_items), parsed.GetValue(_users));
        if ((items ?? users) is not null && (preset.Preset != StudySettings.SmallPreset || !data.IsSynthetic))
            throw new ArgumentException("--items and --users size the catalogue that --preset small draws; they go with no other.");
        IReadOnlyList<StudyCatalogue> catalogues = preset.Catalogues;
        if ((items ?? users) is not null)
        {
            int p = items ?? catalogues[0].Items;
            catalogues = [StudyCatalogue.Drawn("synthetic", $"Synthetic, {p:N0} items", p, users ?? catalogues[0].Users, catalogues[0].LearningRate)];
        }

        double? rate = parsed.GetValue(_rate);
        StudySettings settings = preset with
        {
            Catalogues = [.. catalogues.Select(c => c with { LearningRate = rate ?? (data.IsSynthetic ? c.LearningRate : StudySettings.RateOfData) })],
            LearningDimension = parsed.GetValue(_dimension) ?? preset.LearningDimension,
            Epochs = parsed.GetValue(_epochs) ?? preset.Epochs,
            Seeds = parsed.GetValue(_seeds) ?? preset.Seeds,
        };
        return new StudyRequest(
            settings, data, Pattern(parsed.GetValue(_only)), parsed.GetValue(_list), _device.Bind(parsed), _threads.Bind(parsed),
            new StudyFolder(parsed.GetRequiredValue(_out)), _output.Bind(parsed));
    }

    private static Regex? Pattern(string? text)
    {
        try
        {
            return text is null ? null : new Regex(text, RegexOptions.CultureInvariant, LongestMatch);
        }
        catch (RegexParseException e)
        {
            throw new ArgumentException($"--only is '{text}', which is no regular expression: {e.Message}");
        }
    }
}
