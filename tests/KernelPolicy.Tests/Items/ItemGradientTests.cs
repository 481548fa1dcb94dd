using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Items;

/// <summary>Gradients of U, V, b and β against differences of J in double precision.</summary>
public sealed class ItemGradientTests
{
    // Sums of at most P + 3L + B terms below one in size after a softmax: a chain of 100 rounded operations on sums of magnitudes
    // below 20 (items and h below 4 in norm). Differences are off by 1e-10.
    private static readonly double Rounding = 20 * Close.Gamma(100);

    private static readonly EstimatorOptions[] Sampled =
    [
        new UniformOptions(16), new MixtureOptions(16, 8, 0.5), new StrataOptions(8, 10, Control: false),
        new StrataOptions(8, 10, TailSharing.Context, Control: false),
    ];

    [Test]
    public void Gradients_of_a_correction_are_the_differences_of_the_objective([Values(0, 1, 3)] int rank, [Values] bool bias)
    {
        if (rank == 0 && !bias)
            Assert.Pass("There is no such correction.");
        using ItemCase @case = new(new CorrectedItems(rank, bias));
        foreach (TrainedTable table in @case.Step.Tables)
            Fill(table.Values, Seeded.Floats(table.Name.Length, (int)(table.Values.Rows * table.Values.Columns), 0.5));
        ItemObjective objective = @case.Objective() with { U = Wide(@case, "correction-u"), V = Wide(@case, "correction-v"), Bias = Wide(@case, "bias") };
        float[] theta = ItemCase.MatrixValues(@case.Step.Gradient(ItemCase.Batch, 0));
        Check(theta, objective, objective.Theta, "Θ");
        foreach ((string name, double[,]? table) in new[] { ("correction-u", objective.U), ("correction-v", objective.V), ("bias", objective.Bias) })
        {
            if (table is not null)
                Check(@case.Gradient(name), objective, table, name);
        }
    }

    [Test]
    public void The_gradient_of_items_is_the_difference_of_the_objective([Values] bool throughContexts, [Values(1, 3)] int threads)
    {
        using ItemCase @case = new(new LearnedItems(ThroughContexts: throughContexts), threads: threads);
        ItemObjective objective = @case.Objective() with { Histories = throughContexts ? @case.Histories : null };
        Check(ItemCase.MatrixValues(@case.Step.Gradient(ItemCase.Batch, 0)), objective, objective.Theta, "Θ");
        Check(@case.Gradient("items"), objective, objective.Beta, "β");
    }

    [Test]
    public void Strata_that_sum_the_whole_tail_give_the_exact_gradient_of_items([Values(0, 5)] int head)
    {
        using ItemCase @case = new(new LearnedItems(), new StrataOptions(head, ItemCase.Items, Control: false));
        ItemObjective objective = @case.Objective();
        @case.Step.Gradient(ItemCase.Batch, 0);
        Check(@case.Gradient("items"), objective, objective.Beta, "β");
    }

    /// <summary>Coefficients are what g is made of, and β's gradient is made of them.</summary>
    [Test]
    public void Coefficients_make_the_gradient_of_each_context([ValueSource(nameof(Sampled))] EstimatorOptions options, [Values] bool logLikelihood)
    {
        using ItemCase @case = new(
            new LearnedItems(), options, objective: logLikelihood ? TrainingObjective.LogLikelihood : TrainingObjective.ExpectedReward);
        double[,] theta = Seeded.Wide(@case.Step.Gradient(ItemCase.Batch, 5));
        ItemObjective objective = @case.Objective();
        double[,] expected = new double[ItemCase.Items, ItemCase.Dimension];
        double[][] g = new double[ItemCase.Contexts][];
        for (int i = 0; i < ItemCase.Contexts; i++)
        {
            int[] items = @case.Coefficients!.Items(i).ToArray();
            double[] c = Seeded.Wide(@case.Coefficients.Coefficients(i));
            g[i] = Linear.WeightedRows(items, c, objective.Beta);
            double[] h = Linear.Project(Linear.Row(objective.Contexts, i), objective.Theta);
            for (int j = 0; j < items.Length; j++)
            {
                for (int l = 0; l < ItemCase.Dimension; l++)
                    expected[items[j], l] += c[j] * h[l] / ItemCase.Contexts;
            }
        }

        // The log-likelihood subtracts Σ_Y r ≤ 6 times E_π β: six times the magnitudes.
        Close.Values(Linear.Flat(theta), Linear.Flat(Linear.BatchGradient(objective.Contexts, g)), 6 * Rounding, 0, "Θ");
        Close.Values(@case.Gradient("items"), Linear.Flat(expected), 6 * Rounding, 0, "β");
    }

    [Test]
    public void A_folded_correction_scores_as_an_unfolded_one()
    {
        using ItemCase @case = new(new CorrectedItems(2));
        foreach (TrainedTable table in @case.Step.Tables)
            Fill(table.Values, Seeded.Floats(table.Name.Length, (int)(table.Values.Rows * table.Values.Columns), 0.5));
        ItemObjective objective = @case.Objective();
        QueryMap query = @case.Step.Query;
        double folded = (objective with { Theta = Seeded.Wide(query.Theta), Bias = Seeded.Wide(query.Bias!) }).Value();
        double apart = (objective with { U = Wide(@case, "correction-u"), V = Wide(@case, "correction-v"), Bias = Wide(@case, "bias") }).Value();
        Assert.That(folded, Is.EqualTo(apart).Within(Rounding));
    }

    private static void Check(float[] actual, ItemObjective objective, double[,] table, string what) =>
        Close.Values(actual, Linear.Flat(objective.Differences(table)), Rounding, 0, what);

    private static double[,]? Wide(ItemCase @case, string name) =>
        @case.Step.Tables.FirstOrDefault(table => table.Name == name) is { } table ? Seeded.Wide(table.Values) : null;

    private static void Fill(Matrix table, float[] values)
    {
        for (int row = 0; row < table.Rows; row++)
            values.AsSpan(row * table.Columns, table.Columns).CopyTo(table.Row(row));
    }
}
