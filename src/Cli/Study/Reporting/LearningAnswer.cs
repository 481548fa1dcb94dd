namespace KernelPolicy.Cli.Study;

/// <summary>The answer to a question on what is learned: rewards at the end and over time, against REINFORCE.</summary>
internal static class LearningAnswer
{
    /// <summary>The curves of all methods, in the question's order; those without any are left out.</summary>
    public static IReadOnlyList<SeedCurves> Curves(StudyResults results, ResearchQuestion question, StudyCatalogue catalogue) =>
    [
        .. question.Methods
            .Select(method => new SeedCurves(method, results.Curves(question, catalogue, method)))
            .Where(curves => !curves.IsEmpty),
    ];

    /// <summary>The curves that others are compared with: REINFORCE's, even where the question has none.</summary>
    public static SeedCurves Baseline(StudyResults results, ResearchQuestion question, StudyCatalogue catalogue) =>
        new(StudyMethod.Reinforce, results.Curves(question, catalogue, StudyMethod.Reinforce));

    /// <summary>The table for people.</summary>
    public static StudyTable Summary(StudyResults results, ResearchQuestion question)
    {
        StudyTable table = new(
            "summary",
            "R_test after the last epoch, mean ± standard error over seeds; differences and ratios seed by seed.",
            new("catalogue", "catalogue"), new("method", "method"), new("label", "setting"), new("seeds", "seeds", 0),
            new("reward", "R_test", 4), new("less_reinforce", "less REINFORCE", 4), new("seconds_per_epoch", "s an epoch"),
            new("epoch_over_reinforce", "× REINFORCE's epoch"), new("seconds_to_goal", "s to 99 % of REINFORCE"),
            new("to_goal_over_reinforce", "× as soon"), new("gradient_error", "gradient error", -2));
        foreach (StudyCatalogue catalogue in question.Catalogues)
        {
            SeedCurves baseline = Baseline(results, question, catalogue);
            foreach (SeedCurves curves in Curves(results, question, catalogue))
            {
                table.Add(
                    catalogue.Name, curves.Method.Slug, curves.Method.Label, curves.Curves.Count, curves.End, curves.EndLess(baseline),
                    curves.SecondsPerEpoch, curves.FasterThan(baseline), curves.SecondsTo(baseline), curves.SoonerThan(baseline),
                    curves.GradientError);
            }
        }

        return table;
    }

    /// <summary>Table 2 of the paper, for all methods: what each learns in the time that the uniform proposal takes for all of its
    /// epochs.</summary>
    public static StudyTable WithinTime(StudyResults results, ResearchQuestion question)
    {
        StudyTable table = new(
            "within_time", "In the time that the uniform proposal takes for all of its epochs (table 2 of the paper).",
            new("catalogue", "catalogue"), new("method", "method"), new("label", "setting"), new("epochs", "epochs in that time", 1),
            new("reward", "R_test then", 4), new("less_uniform", "less uniform", 4));
        foreach (StudyCatalogue catalogue in question.Catalogues)
        {
            SeedCurves uniform = new(StudyMethod.Uniform, results.Curves(question, catalogue, StudyMethod.Uniform));
            foreach (SeedCurves curves in Curves(results, question, catalogue))
            {
                if (!uniform.IsEmpty)
                {
                    table.Add(
                        catalogue.Name, curves.Method.Slug, curves.Method.Label, curves.EpochsWithin(uniform), curves.Within(uniform),
                        curves.WithinLess(uniform));
                }
            }
        }

        return table;
    }

    /// <summary>Every point of every curve.</summary>
    public static StudyTable Points(StudyResults results, ResearchQuestion question)
    {
        StudyTable table = new(
            "points", "Every point of every curve.",
            new("catalogue", "catalogue"), new("method", "method"), new("seed", "seed"), new("epoch", "epoch"), new("seconds", "seconds"),
            new("reward", "R_test"), new("gradient_error", "gradient error"));
        foreach (StudyCatalogue catalogue in question.Catalogues)
        {
            foreach (SeedCurves curves in Curves(results, question, catalogue))
            {
                foreach ((ulong seed, LearningFigures figures) in curves.Curves)
                {
                    foreach (LearningPoint point in figures.Points)
                        table.Add(catalogue.Name, curves.Method.Slug, seed, point.Epoch, point.Seconds, point.Reward, point.GradientError);
                }
            }
        }

        return table;
    }
}
