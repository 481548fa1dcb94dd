using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>
/// Whether a batch estimated by strata agrees with the reference in double precision for the same heads and draws, whichever path made
/// it.
/// </summary>
/// <remarks>
/// Tolerance. A term e^f is off by the share ρ of <see cref="ErrorBound"/>. A line fitted to n terms passes this on: its slope is
/// Σ(f − f̄)(y − ȳ)/Σ(f − f̄)², off by the share 2ρ of √(Σy²/Σ(f − f̄)²) for y, and by 4δ/σ of itself for scores that are off by δ
/// and spread by σ; the tests' scores have σ of at least a third in each half, so that 16ρ covers both, times the sizes of all terms
/// before they cancel (<see cref="StrataEstimate.Magnitude"/>), and 8ρ more the sums' own rounding.
/// </remarks>
internal sealed class StrataAgreement(EstimatorCase problem, StrataOptions options, RewardKind reward, int[] batch, long step, ulong seed)
{
    /// <summary>ρ of the remarks.</summary>
    public static double Rho(EstimatorCase problem, int context, int terms) => ErrorBound.Relative(
        ErrorBound.Score(problem.Queries[context], problem.Beta, []), terms, problem.Scores[context].Max(Math.Abs));

    /// <summary>Compares g, and what the strata said of themselves.</summary>
    /// <param name="g">g of each context of the batch.</param>
    /// <param name="strata">Their statistics.</param>
    /// <param name="retrieved">The top K of each.</param>
    public void Check(float[][] g, StrataStatistics strata, int[][] retrieved)
    {
        double partition = 0, variance = 0, partitionSlack = 0, varianceSlack = 0, square = 0, squareSlack = 0;
        int draws = 0, items = 0;
        for (int position = 0; position < batch.Length; position++)
        {
            int c = batch[position];
            int[] known = reward == RewardKind.Sparse ? problem.Sessions[c] : [];
            int[] head = [.. retrieved[position].Union(known)];
            int[] tail = [.. Tail(c).Where(a => !head.Contains(a))];
            bool isWhole = options.Tail >= problem.Catalogue;
            if (tail.Length == 0 && !isWhole)
            {
                tail = head.Length == problem.Catalogue ? [] : [Rescue(c, head)];
                isWhole = head.Length >= problem.Catalogue - 1;
            }

            double[] r = problem.RewardsOf(reward, c);
            StrataEstimate expected = new(problem.Scores[c], r, problem.Beta, head, tail, options.Control, isWhole);
            double rho = 24 * Rho(problem, c, head.Length + tail.Length);
            Close.Within(g[position], expected.Gradient, [.. expected.Magnitude.Select(size => rho * size)], $"g of context {c}");
            draws += tail.Length;
            items += head.Length;
            square += expected.Gradient.Sum(v => v * v);
            squareSlack += expected.Gradient.Zip(expected.Magnitude, (v, size) => ((2 * Math.Abs(v)) + (rho * size)) * rho * size).Sum();
            partition += expected.PartitionError * expected.PartitionError;
            variance += expected.GradientVariance;

            // What is squared is off by twice its share of the sizes, and these are those of g and Ẑ before anything cancels.
            double size = expected.Magnitude.Sum(m => m * m) * expected.Scale;
            varianceSlack += (4 * rho * expected.GradientVariance) + (4 * rho * size);
            partitionSlack += 4 * rho * expected.PartitionMagnitude * (expected.PartitionMagnitude + expected.PartitionError);
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(strata.Contexts, Is.EqualTo(batch.Length));
            Assert.That(strata.TailDraws, Is.EqualTo(draws), "draws outside the heads");
            Assert.That(strata.HeadItems, Is.EqualTo(items), "items of the heads");
            Assert.That(strata.Searched, Is.EqualTo(options.TopK > 0 ? batch.Length : 0), "contexts with a top K");
            Assert.That(strata.GradientSquare, Is.EqualTo(square).Within(squareSlack), "‖ĝ‖², which budgets compare with");
            if (double.IsFinite(partition))
            {
                Assert.That(strata.PartitionVariance, Is.EqualTo(partition).Within(partitionSlack), "errors of Ẑ");
                Assert.That(strata.GradientVariance, Is.EqualTo(variance).Within(varianceSlack), "errors of g");
            }
            else
            {
                Assert.That(strata.PartitionVariance, Is.EqualTo(double.PositiveInfinity));
                Assert.That(strata.GradientVariance, Is.EqualTo(double.PositiveInfinity));
            }
        }
    }

    private int[] Tail(int context)
    {
        if (options.Tail >= problem.Catalogue)
            return [.. Enumerable.Range(0, problem.Catalogue)];
        int[] drawn = new int[options.Tail];
        RandomDraws draws = options.Sharing == TailSharing.Batch
            ? new RandomDraws(seed, RandomPurpose.SharedTail, step, 0)
            : new RandomDraws(seed, RandomPurpose.Proposal, step, context);
        UniformProposal.Draw(draws, problem.Catalogue, drawn);
        return drawn;
    }

    // The context's own draws go on until one is outside.
    private int Rescue(int context, int[] head)
    {
        RandomDraws draws = new(seed, RandomPurpose.Proposal, step, context);
        uint draw = options.Sharing == TailSharing.Batch ? 0 : (uint)options.Tail;
        while (true)
        {
            int item = draws.Below(draw++, problem.Catalogue);
            if (!head.Contains(item))
                return item;
        }
    }
}
