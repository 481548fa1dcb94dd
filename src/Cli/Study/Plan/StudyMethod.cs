using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Study;

/// <summary>What is compared: an estimator, the index that it asks, and whether items learn.</summary>
/// <param name="Slug">The name that files have for it, such as mixture-1000-256-0.8@hnsw.</param>
/// <param name="Label">The name that tables and plots have for it.</param>
/// <param name="Estimator">How gradients are estimated.</param>
/// <param name="Index">exact, hnsw, or auto for whichever is expected to be faster.</param>
internal sealed record StudyMethod(string Slug, string Label, EstimatorOptions Estimator, string Index = StudyMethod.Auto)
{
    /// <summary>The index that is expected to be faster.</summary>
    public const string Auto = "auto";

    /// <summary>The scan.</summary>
    public const string Scan = "exact";

    /// <summary>The graph.</summary>
    public const string Graph = "hnsw";

    /// <summary>S of the paper.</summary>
    public const int PaperSamples = 1000;

    /// <summary>K of the paper.</summary>
    public const int PaperTopK = 256;

    /// <summary>ε at which the paper takes its times.</summary>
    public const double PaperEpsilon = 0.8;

    /// <summary>The exact sum over the catalogue.</summary>
    public static StudyMethod Exact { get; } = new("exact", "exact", new ExactOptions());

    /// <summary>The baseline of all.</summary>
    public static StudyMethod Reinforce { get; } = new($"reinforce-{PaperSamples}", "REINFORCE", new ReinforceOptions(PaperSamples));

    /// <summary>The paper's ε = 1.</summary>
    public static StudyMethod Uniform { get; } = new($"uniform-{PaperSamples}", "uniform (ε = 1)", new UniformOptions(PaperSamples));

    /// <summary>Whether and how items learn.</summary>
    public ItemLearning Items { get; init; } = ItemLearning.Frozen;

    /// <summary>The paper's mixture.</summary>
    /// <param name="epsilon">ε; 1 is the uniform proposal, which needs no index.</param>
    /// <param name="topK">K.</param>
    /// <param name="samples">S.</param>
    /// <param name="index">The index that it asks.</param>
    /// <param name="label">What of it differs from others, for tables and plots.</param>
    public static StudyMethod Mixture(double epsilon, int topK, int samples, string index, string label) => epsilon == 1
        ? Uniform
        : new(Invariant($"mixture-{samples}-{topK}-{epsilon}{Suffix(index)}"), label, new MixtureOptions(samples, topK, epsilon), index);

    /// <summary>Ours.</summary>
    /// <param name="topK">K.</param>
    /// <param name="tail">l.</param>
    /// <param name="index">The index that it asks.</param>
    /// <param name="label">What of it differs from others, for tables and plots.</param>
    public static StudyMethod Strata(int topK, int tail, string index, string label) =>
        new(Invariant($"strata-{topK}-{tail}{Suffix(index)}"), label, new StrataOptions(topK, tail), index);

    /// <summary>The same with items that learn.</summary>
    public StudyMethod WithItems(ItemLearning items, string slug, string label) => this with
    {
        Slug = $"{Slug}-{slug}",
        Label = label,
        Items = items,
        // The control variate sums over a catalogue that stays as it is.
        Estimator = items is LearnedItems && Estimator is StrataOptions strata ? strata with { Control = false } : Estimator,
    };

    private static string Suffix(string index) => index == Auto ? "" : $"@{index}";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
