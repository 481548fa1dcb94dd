namespace KernelPolicy.Cli.Study;

/// <summary>The learning curves of one method, one a seed, and what tables ask of them.</summary>
/// <param name="Method">The method.</param>
/// <param name="Curves">The curves, by seed; empty where none was measured.</param>
internal sealed record SeedCurves(StudyMethod Method, IReadOnlyList<(ulong Seed, LearningFigures Figures)> Curves)
{
    /// <summary>A curve has arrived once it is within so much of the goal: near its end it rises by less than its test users'
    /// noise.</summary>
    public const double Nearly = 0.99;

    /// <summary>Whether there is nothing.</summary>
    public bool IsEmpty => Curves.Count == 0;

    /// <summary>R_test at the end.</summary>
    public Statistic End => Statistic.Of(Curves.Select(c => Last(c.Figures)));

    /// <summary>Seconds of steps an epoch.</summary>
    public Statistic SecondsPerEpoch => Statistic.Of(Curves.Select(c => Pace(c.Figures)));

    /// <summary>Error of the gradient at the end, relative to the exact one.</summary>
    public Statistic GradientError => Statistic.Of(Curves.Select(c => c.Figures.Points[^1].GradientError));

    /// <summary>R_test at the end less that of others, seed by seed.</summary>
    public Statistic EndLess(SeedCurves others) => Pairs(others, (own, other) => Last(own) - Last(other));

    /// <summary>How many times as fast an epoch is as that of others, seed by seed.</summary>
    public Statistic FasterThan(SeedCurves others) => Pairs(others, (own, other) => Pace(other) / Pace(own));

    /// <summary>Seconds of steps until R_test is nearly where others end, seed by seed; none unless all seeds arrive.</summary>
    public Statistic SecondsTo(SeedCurves others) =>
        AllOf(others, (own, other) => Seconds(own, Nearly * Last(other)));

    /// <summary>How many times as fast as others R_test is nearly where they end.</summary>
    public Statistic SoonerThan(SeedCurves others) => AllOf(
        others, (own, other) => Seconds(other, Nearly * Last(other)) / Math.Max(1e-9, Seconds(own, Nearly * Last(other))));

    /// <summary>R_test after the last epoch that fits into the time of others.</summary>
    public Statistic Within(SeedCurves others) => Pairs(others, (own, other) => Fitting(own, other).Reward);

    /// <summary>Epochs that fit into the time of others.</summary>
    public Statistic EpochsWithin(SeedCurves others) => Pairs(others, (own, other) => Fitting(own, other).Epoch);

    /// <summary>R_test after the last epoch that fits into the time of others, less where they end, seed by seed.</summary>
    public Statistic WithinLess(SeedCurves others) => Pairs(others, (own, other) => Fitting(own, other).Reward - Last(other));

    /// <summary>R_test after each epoch that all seeds have.</summary>
    public IReadOnlyList<(double Epoch, double Seconds, Statistic Reward)> ByEpoch() => IsEmpty ? [] :
    [
        .. Enumerable.Range(0, Curves.Min(c => c.Figures.Points.Count)).Select(i => (
            (double)Curves[0].Figures.Points[i].Epoch,
            Curves.Average(c => c.Figures.Points[i].Seconds),
            Statistic.Of(Curves.Select(c => c.Figures.Points[i].Reward)))),
    ];

    private static double Last(LearningFigures figures) => figures.Points[^1].Reward;

    private static double Pace(LearningFigures figures) => figures.Points[^1].Seconds / Math.Max(1, figures.Points[^1].Epoch);

    private static LearningPoint Fitting(LearningFigures own, LearningFigures other) =>
        own.Points.Last(point => point.Seconds <= other.Points[^1].Seconds || point.Epoch == 0);

    // Between two epochs as if the reward rose evenly.
    private static double Seconds(LearningFigures figures, double goal)
    {
        for (int i = 0; i < figures.Points.Count; i++)
        {
            LearningPoint at = figures.Points[i];
            if (at.Reward < goal)
                continue;
            if (i == 0)
                return 0;
            LearningPoint before = figures.Points[i - 1];
            return before.Seconds + ((at.Seconds - before.Seconds) * (goal - before.Reward) / (at.Reward - before.Reward));
        }

        return double.NaN;
    }

    private Statistic AllOf(SeedCurves others, Func<LearningFigures, LearningFigures, double> value)
    {
        double[] all = [.. Matched(others, value)];
        return all.All(double.IsFinite) ? Statistic.Of(all) : Statistic.None;
    }

    private Statistic Pairs(SeedCurves others, Func<LearningFigures, LearningFigures, double> value) => Statistic.Of(Matched(others, value));

    private IEnumerable<double> Matched(SeedCurves others, Func<LearningFigures, LearningFigures, double> value) =>
        Curves.Join(others.Curves, own => own.Seed, other => other.Seed, (own, other) => value(own.Figures, other.Figures));
}
