using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>q(a) = ε/P + (1 − ε) κ(a) [a ∈ α_K], as the mixture estimator uses it.</summary>
public sealed class MixtureDensityTests
{
    // All in double precision from the same scores: sums of at most 203 terms of at most 1, 203·2^-53 ≈ 2e-14.
    private const double Rounding = 1e-12;

    [Test]
    public void It_sums_to_one_and_dominates_both_parts(
        [Values(0, 1e-9, 0.2, 0.8, 1)] double epsilon, [Values(1, 16, 150, 203)] int topK, [Values(1, 40)] double spread)
    {
        using var problem = EstimatorCase.Normal(203, 7, 4, spread);
        MixtureProposal proposal = new(203, epsilon, topK);
        for (int c = 0; c < 4; c++)
        {
            (int[] head, float[] scores) = problem.Head(c, topK);
            proposal.SetHead(head, scores);
            double[] kappa = Softmax.Weights(Support.Seeded.Wide(scores));
            double sum = 0;
            for (int a = 0; a < 203; a++)
            {
                int position = Array.IndexOf(head, a);
                double q = proposal.Density(a);
                sum += q;
                Assert.That(q, Is.GreaterThanOrEqualTo((epsilon / 203) * (1 - Rounding)));
                if (position < 0)
                {
                    Assert.That(q, Is.EqualTo(epsilon / 203).Within(Rounding));
                    Assert.That(proposal.TailLogDensity, Is.EqualTo(Math.Log(epsilon / 203)).Within(Rounding));
                    continue;
                }

                Assert.That(q, Is.EqualTo((epsilon / 203) + ((1 - epsilon) * kappa[position])).Within(Rounding));
                Assert.That(q, Is.GreaterThanOrEqualTo((1 - epsilon) * kappa[position] * (1 - Rounding)));
                Assert.That(Math.Exp(proposal.HeadLogDensity(position)), Is.EqualTo(q).Within(Rounding));
            }

            Assert.That(sum, Is.EqualTo(1).Within(Rounding));
        }
    }

    /// <summary>A uniform draw of a head item counts among the head, and so has the head's density; the rest are listed in
    /// order.</summary>
    [Test]
    public void Uniform_draws_that_land_in_the_head_are_counted_there([Values] MixtureSampler sampler, [Values(1, 60, 203)] int topK)
    {
        using var problem = EstimatorCase.Normal(203, 7, 1);
        (int[] head, float[] scores) = problem.Head(0, topK);
        MixtureProposal proposal = new(203, 1, topK);
        proposal.SetHead(head, scores);
        int[] tail = new int[500];
        int listed = proposal.Draw(new RandomDraws(4, RandomPurpose.Proposal, 9, 0), 500, sampler, tail);
        int[] draws = DrawRules.Mixture(4, 9, 0, 203, 500, 1, sampler, head, Softmax.Weights(Support.Seeded.Wide(scores)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tail[..listed], Is.EqualTo(draws.Where(a => !head.Contains(a))));
            Assert.That(proposal.HeadCounts.ToArray(), Is.EqualTo(head.Select(a => draws.Count(d => d == a))));
        }
    }
}
