using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Study;

/// <summary>The paper's experiments as data: questions, and the cells that answer them.</summary>
internal sealed class StudyPlan
{
    private static readonly double[] Epsilons = [0, 0.2, 0.5, 0.8, 1];
    private static readonly int[] TopKs = [32, 64, 128, 256, 512];
    private static readonly int[] Samples = [50, 200, 500, 1000];
    private static readonly int[] Tails = [16, 64, 128, 512];

    private StudyPlan(StudySettings settings, IReadOnlyList<ResearchQuestion> questions)
    {
        (Settings, Questions) = (settings, questions);
        // Seed by seed, so that a study that is stopped has answers to everything, if with larger errors.
        Cells =
        [
            .. Enumerable.Range(1, settings.Seeds)
                .SelectMany(seed => questions.SelectMany(question => question.Cells((ulong)seed)))
                .DistinctBy(cell => cell.Name)
                .OrderBy(cell => cell.Seed)
                .ThenBy(cell => settings.Catalogues.ToList().IndexOf(cell.Catalogue))
                .ThenBy(cell => cell.Kind),
        ];
    }

    /// <summary>Its sizes.</summary>
    public StudySettings Settings { get; }

    /// <summary>The questions, in the paper's order, ours after them.</summary>
    public IReadOnlyList<ResearchQuestion> Questions { get; }

    /// <summary>Every cell once, in the order in which they are measured.</summary>
    public IReadOnlyList<StudyCell> Cells { get; }

    /// <summary>Makes the plan of a study.</summary>
    public static StudyPlan Create(StudySettings settings)
    {
        IReadOnlyList<StudyCatalogue> all = settings.Catalogues, first = [settings.Catalogues[0]];
        IReadOnlyList<int> learning = [settings.LearningDimension];
        string paper = $"S = {StudyMethod.PaperSamples}, K = {StudyMethod.PaperTopK}";
        string learned = $"L = {settings.LearningDimension}, B = {settings.BatchSize}, {settings.Epochs} epochs";
        return new StudyPlan(settings,
        [
            new(
                "rq1", "What is the speed gain over REINFORCE?", $"{paper}, ε = {StudyMethod.PaperEpsilon}, B = {settings.BatchSize}.",
                CellKind.Steps, all, settings.StepDimensions, Paths(), settings.Seeds),
            new(
                "rq2", "What is the impact of changing the mixture parameter ε?", $"{paper}, {learned}.", CellKind.Learning, all, learning,
                [StudyMethod.Exact, StudyMethod.Reinforce, .. Epsilons.Select(e => Paper($"ε = {e}", epsilon: e))], settings.Seeds),
            new(
                "rq3", "What is the impact of changing the number of retrieved items K?",
                $"ε = {StudyMethod.PaperEpsilon}, S = {StudyMethod.PaperSamples}, {learned}.", CellKind.Learning, first, learning,
                [StudyMethod.Reinforce, .. TopKs.Select(k => Paper($"K = {k}", topK: k))], settings.Seeds),
            new(
                "rq4", "What is the impact of changing the number of Monte Carlo samples S?",
                $"ε = {StudyMethod.PaperEpsilon}, K = {StudyMethod.PaperTopK}, {learned}.", CellKind.Learning, first, learning,
                [StudyMethod.Reinforce, .. Samples.Select(s => Paper($"S = {s}", samples: s))], settings.Seeds),
            new(
                ResearchQuestion.Ours, "What do strata, which have no ε, bring beside them?",
                $"K items summed, l drawn for a batch; the mixture at {paper}, ε = {StudyMethod.PaperEpsilon}; {learned}.", CellKind.Learning, all,
                learning,
                [
                    StudyMethod.Exact, StudyMethod.Reinforce, Paper("mixture", epsilon: StudyMethod.PaperEpsilon),
                    StudyMethod.Strata(8, 16, StudyMethod.Auto, "strata, K = 8, l = 16"),
                    .. Tails.Select(l => StudyMethod.Strata(64, l, StudyMethod.Auto, $"strata, K = 64, l = {l}")),
                ],
                settings.Seeds),
            new(
                "items", "What does a fixed β cost?", $"Strata, K = 64, l = 128; {learned}.", CellKind.Learning, first, learning, Items(),
                settings.Seeds),
        ]);
    }

    private static StudyMethod Paper(
        string label, double epsilon = StudyMethod.PaperEpsilon, int topK = StudyMethod.PaperTopK, int samples = StudyMethod.PaperSamples)
    {
        StudyMethod method = StudyMethod.Mixture(epsilon, topK, samples, StudyMethod.Auto, label);
        return method with { Label = label };
    }

    private static StudyMethod[] Paths() =>
    [
        StudyMethod.Reinforce,
        StudyMethod.Exact,
        StudyMethod.Uniform,
        Path(StudyMethod.Scan, "scan"),
        Path(StudyMethod.Graph, "graph"),
        StudyMethod.Strata(64, 128, StudyMethod.Scan, "strata 64 + 128, scan"),
        StudyMethod.Strata(64, 128, StudyMethod.Graph, "strata 64 + 128, graph"),
        StudyMethod.Strata(8, 16, StudyMethod.Graph, "strata 8 + 16, graph"),
    ];

    private static StudyMethod Path(string index, string words) => StudyMethod.Mixture(
        StudyMethod.PaperEpsilon, StudyMethod.PaperTopK, StudyMethod.PaperSamples, index, $"mixture, {words}");

    private static StudyMethod[] Items()
    {
        StudyMethod frozen = StudyMethod.Strata(64, 128, StudyMethod.Auto, "fixed");
        return
        [
            frozen,
            frozen.WithItems(new CorrectedItems(), "bias", "a direction b for all"),
            frozen.WithItems(new CorrectedItems(Rank: 8), "rank8", "b and a correction of rank 8"),
            frozen.WithItems(new LearnedItems(), "learned", "β learns"),
            frozen.WithItems(new LearnedItems(ThroughContexts: true), "learned-contexts", "β learns, through histories too"),
        ];
    }
}
