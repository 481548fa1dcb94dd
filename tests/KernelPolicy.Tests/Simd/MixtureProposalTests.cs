using CsCheck;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

public class MixtureProposalTests
{
    private const int Catalogue = 60;

    [Test]
    public void The_density_is_the_formulas_and_sums_to_one(
        [Values(0, 0.2, 0.8, 1)] double epsilon, [Values(1, 8, Catalogue)] int k)
    {
        (double[] f, int[] head, MixtureProposal proposal) = Proposal(epsilon, k);
        double sum = 0;
        for (int a = 0; a < Catalogue; a++)
        {
            // Items of the head that a uniform draw may land on count both parts. Double precision on both sides:
            // a softmax of K terms is off by (K + 2)·2^-53 at most.
            double q = proposal.Density(a);
            Assert.That(q, Is.EqualTo(Estimates.MixtureDensity(f, head, epsilon, a)).Within((k + 4) * 1.2e-16), $"item {a}");
            int position = Array.IndexOf(head, a);
            double log = position < 0 ? proposal.TailLogDensity : proposal.HeadLogDensity(position);
            Assert.That(Math.Exp(log), Is.EqualTo(q).Within(1e-14), $"item {a}");
            sum += q;
        }

        Assert.That(sum, Is.EqualTo(1).Within(Catalogue * 2.3e-16));
    }

    [Test]
    public void The_density_sums_to_one_whatever_the_scores() =>
        Gen.Select(Gen.Int[1, 300], Gen.Double[0, 1], Gen.Int[1, 50], Gen.Float[-1e4f, 1e4f].Array[50]).Sample(
            (catalogue, epsilon, k, scores) =>
            {
                k = Math.Min(k, catalogue);
                MixtureProposal proposal = new(catalogue, epsilon, k);
                proposal.SetHead([.. Enumerable.Range(catalogue - k, k)], scores.AsSpan(0, k));
                double sum = 0;
                for (int a = 0; a < catalogue; a++)
                {
                    double q = proposal.Density(a);
                    if (!(q >= epsilon / catalogue))
                        return false;
                    sum += q;
                }

                return Math.Abs(sum - 1) <= (catalogue + k) * 2.3e-16;
            },
            iter: 1000, threads: 1);

    [TestCase(MixtureSampler.Iid, 0.0)]
    [TestCase(MixtureSampler.Iid, 0.3)]
    [TestCase(MixtureSampler.Iid, 1.0)]
    [TestCase(MixtureSampler.Stratified, 0.0)]
    [TestCase(MixtureSampler.Stratified, 0.3)]
    [TestCase(MixtureSampler.Stratified, 1.0)]
    public void Draws_follow_the_density(MixtureSampler sampler, double epsilon)
    {
        // 1000 draws each: ε·1000 is whole, so that the stratified sampler's shares are those of the density.
        (_, int[] head, MixtureProposal proposal) = Proposal(epsilon, 8);
        int[] counts = new int[Catalogue], tail = new int[1000];
        for (int step = 0; step < 200; step++)
        {
            int listed = proposal.Draw(new RandomDraws(1, RandomPurpose.Proposal, step, 0), 1000, sampler, tail);
            for (int i = 0; i < listed; i++)
                counts[tail[i]]++;
            for (int position = 0; position < head.Length; position++)
                counts[head[position]] += proposal.HeadCounts[position];
        }

        Assert.That(counts.Sum(), Is.EqualTo(200_000));
        double[] expected = [.. Enumerable.Range(0, Catalogue).Select(a => 200_000 * proposal.Density(a))];

        // Fixing the number of uniform draws takes away at most one degree of freedom of 59: within the limits of z.
        Statistic.AssertChiSquare(counts, expected, $"{sampler}, ε {epsilon}");
    }

    [TestCase(0.0, 37)]
    [TestCase(0.25, 37)]
    [TestCase(0.8, 1000)]
    [TestCase(1.0, 5)]
    public void The_stratified_sampler_makes_its_share_of_uniform_draws(double epsilon, int samples)
    {
        // Uniform draws are those that do not land on the one head item, of a catalogue in which nearly none does.
        MixtureProposal proposal = new(int.MaxValue, epsilon, 1);
        proposal.SetHead([12345], [1f]);
        int listed = proposal.Draw(
            new RandomDraws(2, RandomPurpose.Proposal, 0, 0), samples, MixtureSampler.Stratified, new int[samples]);
        Assert.That(listed, Is.EqualTo((int)Math.Floor(epsilon * samples)));
        Assert.That(proposal.HeadCounts[0], Is.EqualTo(samples - listed));
    }

    [Test]
    public void A_head_can_be_replaced_by_a_shorter_one()
    {
        MixtureProposal proposal = new(Catalogue, 0.5, 8);
        proposal.SetHead([1, 2, 3, 4, 5, 6, 7, 8], new float[8]);
        proposal.SetHead([9, 1], [0f, 0f]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(proposal.HeadCounts.Length, Is.EqualTo(2));
            Assert.That(proposal.Density(9), Is.EqualTo((0.5 / Catalogue) + 0.25).Within(1e-15));
            Assert.That(proposal.Density(1), Is.EqualTo((0.5 / Catalogue) + 0.25).Within(1e-15));
            Assert.That(proposal.Density(2), Is.EqualTo(0.5 / Catalogue).Within(1e-15));
        }
    }

    [TestCase(0, 0.5, 1)]
    [TestCase(5, -0.1, 1)]
    [TestCase(5, 1.1, 1)]
    [TestCase(5, double.NaN, 1)]
    [TestCase(5, 0.5, 0)]
    public void Values_that_make_no_sense_are_refused(int catalogue, double epsilon, int topK) =>
        Assert.That(() => new MixtureProposal(catalogue, epsilon, topK), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void Uniform_draws_are_the_named_ones([Range(0, 9)] int samples)
    {
        RandomDraws draws = new(3, RandomPurpose.Proposal, 4, 5);
        int[] items = new int[samples];
        UniformProposal.Draw(draws, 77, items);
        for (int s = 0; s < samples; s++)
            Assert.That(items[s], Is.EqualTo(draws.Below((uint)s, 77)));
    }

    [Test]
    public void The_lookup_is_exact() =>
        Gen.Select(Gen.Int[0, int.MaxValue].Array[0, 64], Gen.Int[0, 63]).Sample(
            (items, extra) =>
            {
                // Repeats, near and far neighbours of what is there, and a list that replaces another.
                ItemLookup lookup = new(64);
                lookup.Set([.. Enumerable.Range(0, extra)]);
                lookup.Set(items);
                return items.All(a => lookup.Find(a) == Array.IndexOf(items, a))
                    && items.All(a => lookup.Find(a ^ 1) == Array.IndexOf(items, a ^ 1))
                    && Enumerable.Range(0, 64).All(a => lookup.Find(a) == Array.IndexOf(items, a));
            },
            threads: 1);

    [Test]
    public void The_lookup_refuses_more_than_it_holds()
    {
        ItemLookup lookup = new(100);
        Assert.That(() => lookup.Set(new int[1000]), Throws.ArgumentException);
        Assert.That(() => new ItemLookup(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static (double[] Scores, int[] Head, MixtureProposal Proposal) Proposal(double epsilon, int k)
    {
        float[] f = Seeded.Floats(1, Catalogue, 2);
        int[] head = TopItems.Of(f, k);
        MixtureProposal proposal = new(Catalogue, epsilon, k);
        proposal.SetHead(head, [.. head.Select(a => f[a])]);
        return (Seeded.Wide(f), head, proposal);
    }
}
