namespace KernelPolicy.Cli.Study;

/// <summary>The answer to a question on the times of steps: speed-ups over REINFORCE by L, as in figures 1 and 2 of the paper.</summary>
internal static class StepAnswer
{
    /// <summary>The speed-ups of a method at each L.</summary>
    /// <param name="results">What was measured.</param>
    /// <param name="question">The question.</param>
    /// <param name="catalogue">On what.</param>
    /// <param name="method">The method.</param>
    public static IReadOnlyList<(int Dimension, Statistic SpeedUp)> SpeedUps(
        StudyResults results, ResearchQuestion question, StudyCatalogue catalogue, StudyMethod method) =>
    [
        .. question.Dimensions
            .Select(dimension => (dimension, SpeedUp(results, question, catalogue, dimension, method)))
            .Where(point => point.Item2.Count > 0),
    ];

    /// <summary>The table for people: a row a method, columns by L.</summary>
    public static StudyTable ByDimension(StudyResults results, ResearchQuestion question, StudyCatalogue catalogue)
    {
        StudyTable table = new(
            $"by-l-{catalogue.Name}",
            $"{catalogue.Title}: median milliseconds of a step and how many times as fast as REINFORCE's that is, mean ± standard error over seeds.",
            [
                new("path", "path"),
                .. question.Dimensions.SelectMany(l => new StudyColumn[] { new($"ms_{l}", $"ms, L = {l}"), new($"ratio_{l}", "×") }),
                new("recall", "least recall", 3),
            ]);
        foreach (StudyMethod method in question.Methods)
        {
            var steps = question.Dimensions.Select(l => results.Steps(question, catalogue, l, method)).ToArray();
            if (steps.All(s => s.Count == 0))
                continue;
            double[] recalls = [.. steps.SelectMany(s => s).Select(s => s.Figures.Recall).Where(double.IsFinite)];
            table.Add(
            [
                method.Label,
                .. question.Dimensions.SelectMany((l, i) => new object?[]
                {
                    Statistic.Of(steps[i].Select(s => s.Figures.MsPerStep)), SpeedUp(results, question, catalogue, l, method),
                }),
                recalls.Length > 0 ? recalls.Min() : double.NaN,
            ]);
        }

        return table;
    }

    /// <summary>The table for other programs: a row a method and L.</summary>
    public static StudyTable Summary(StudyResults results, ResearchQuestion question)
    {
        StudyTable table = new(
            "summary", "Median milliseconds a step, mean and standard error over seeds; × REINFORCE: seed by seed.",
            new("catalogue", "catalogue"), new("items", "P", 0), new("dim", "L", 0), new("method", "method"), new("path", "path"),
            new("seeds", "seeds", 0), new("ms_per_step", "ms a step"), new("over_reinforce", "× REINFORCE"), new("ms_query", "of it query, ms"),
            new("recall", "recall of the index", 3), new("build_seconds", "graph built, s"), new("kib_allocated", "KiB allocated a step", 1));
        foreach (StudyCatalogue catalogue in question.Catalogues)
        {
            foreach (int dimension in question.Dimensions)
            {
                foreach (StudyMethod method in question.Methods)
                {
                    var steps = results.Steps(question, catalogue, dimension, method);
                    if (steps.Count == 0)
                        continue;
                    Statistic build = Mean(f => f.BuildSeconds);
                    table.Add(
                        catalogue.Name, catalogue.Items, dimension, method.Slug, method.Label, steps.Count, Mean(f => f.MsPerStep),
                        SpeedUp(results, question, catalogue, dimension, method), Mean(f => f.MsQuery), Mean(f => f.Recall).Mean,
                        build.Mean > 0 ? build : Statistic.None, Mean(f => f.BytesAllocatedPerStep / 1024).Mean);

                    Statistic Mean(Func<StepFigures, double> value) => Statistic.Of(steps.Select(s => value(s.Figures)));
                }
            }
        }

        return table;
    }

    /// <summary>Every measurement.</summary>
    public static StudyTable Points(StudyResults results, ResearchQuestion question)
    {
        StudyTable table = new(
            "points", "Every measurement.",
            new("catalogue", "catalogue"), new("items", "P"), new("dim", "L"), new("method", "method"), new("seed", "seed"),
            new("ms_per_step", "ms a step"), new("ms_per_step_p95", "95th of 100"), new("ms_per_step_in_bulk", "in bulk"),
            new("ms_query", "query"), new("recall", "recall"), new("build_seconds", "built, s"), new("bytes_allocated_per_step", "bytes"));
        foreach (var (catalogue, dimension, method) in
            from catalogue in question.Catalogues from dimension in question.Dimensions from method in question.Methods
            select (catalogue, dimension, method))
        {
            foreach ((ulong seed, StepFigures f) in results.Steps(question, catalogue, dimension, method))
            {
                table.Add(
                    catalogue.Name, catalogue.Items, dimension, method.Slug, seed, f.MsPerStep, f.MsPerStepP95, f.MsPerStepInBulk, f.MsQuery,
                    f.Recall, f.BuildSeconds, f.BytesAllocatedPerStep);
            }
        }

        return table;
    }

    private static Statistic SpeedUp(
        StudyResults results, ResearchQuestion question, StudyCatalogue catalogue, int dimension, StudyMethod method) => Statistic.Of(
            results.Steps(question, catalogue, dimension, method).Join(
                results.Steps(question, catalogue, dimension, StudyMethod.Reinforce), own => own.Seed, other => other.Seed,
                (own, other) => other.Figures.MsPerStep / own.Figures.MsPerStep));
}
