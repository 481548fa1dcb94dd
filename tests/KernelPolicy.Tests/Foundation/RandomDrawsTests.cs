using System.Numerics;
using CsCheck;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Foundation;

public class RandomDrawsTests
{
    [Test]
    public void A_draw_is_a_function_of_its_name_alone()
    {
        RandomDraws draws = new(7, RandomPurpose.Proposal, 11, 13);
        ulong[] rising = [.. Enumerable.Range(0, 101).Select(d => draws.Bits((uint)d))];
        RandomDraws again = new(7, RandomPurpose.Proposal, 11, 13);
        for (int d = 100; d >= 0; d--)
        {
            (ulong even, ulong odd) = again.Pair((uint)d >> 1);
            Assert.That(again.Bits((uint)d), Is.EqualTo(rising[d]));
            Assert.That(d % 2 == 0 ? even : odd, Is.EqualTo(rising[d]));
        }
    }

    [Test]
    public void Bits_follow_the_documented_counter()
    {
        Gen.Select(Gen.ULong, Gen.Int[0, 7], Gen.Long[0, (1L << 56) - 1], Gen.Int, Gen.UInt).Sample(
            (seed, purpose, step, context, draw) =>
            {
                uint[] counter =
                [
                    draw / 2, (uint)context, (uint)(step % (1L << 32)), ((uint)purpose * (1u << 24)) + (uint)(step >> 32),
                ];
                uint[] words = PhiloxWords.Block(counter, [(uint)(seed % (1UL << 32)), (uint)(seed >> 32)]);
                uint low = words[draw % 2 * 2], high = words[(draw % 2 * 2) + 1];
                return new RandomDraws(seed, (RandomPurpose)purpose, step, context).Bits(draw) == low + ((ulong)high << 32);
            },
            iter: 1000, threads: 1);
    }

    [Test]
    public void Any_part_of_the_name_changes_the_draws()
    {
        ulong[] bits =
        [
            new RandomDraws(1, RandomPurpose.Proposal, 1, 1).Bits(1),
            new RandomDraws(2, RandomPurpose.Proposal, 1, 1).Bits(1),
            new RandomDraws(1UL + (1UL << 32), RandomPurpose.Proposal, 1, 1).Bits(1),
            new RandomDraws(1, RandomPurpose.EpochOrder, 1, 1).Bits(1),
            new RandomDraws(1, RandomPurpose.Proposal, 2, 1).Bits(1),
            new RandomDraws(1, RandomPurpose.Proposal, 1 + (1L << 32), 1).Bits(1),
            new RandomDraws(1, RandomPurpose.Proposal, 1, 2).Bits(1),
            new RandomDraws(1, RandomPurpose.Proposal, 1, 1).Bits(0),
            new RandomDraws(1, RandomPurpose.Proposal, 1, 1).Bits(2),
        ];
        Assert.That(bits, Is.Unique);
    }

    [TestCase(2)]
    [TestCase(7)]
    [TestCase(64)]
    [TestCase(1000)]
    public void Below_is_even_over_its_range(int bound)
    {
        const int Draws = 100_000;
        RandomDraws draws = new(3, RandomPurpose.Proposal, bound, 5);
        int[] counts = new int[bound];
        for (uint d = 0; d < Draws; d++)
            counts[draws.Below(d, bound)]++;
        Statistic.AssertChiSquare(counts, Enumerable.Repeat((double)Draws / bound, bound).ToArray(), $"below {bound}");
    }

    [Test]
    public void Consecutive_draws_are_independent()
    {
        const int Draws = 200_000;
        RandomDraws draws = new(4, RandomPurpose.Proposal, 0, 0);
        int[] pairs = new int[64], steps = new int[64], contexts = new int[64];
        for (uint d = 0; d < Draws; d++)
        {
            pairs[(draws.Below(d, 8) * 8) + draws.Below(d + 1, 8)]++;
            steps[(new RandomDraws(4, RandomPurpose.Proposal, d, 0).Below(0, 8) * 8)
                + new RandomDraws(4, RandomPurpose.Proposal, d + 1, 0).Below(0, 8)]++;
            contexts[(new RandomDraws(4, RandomPurpose.Proposal, 0, (int)d).Below(0, 8) * 8)
                + new RandomDraws(4, RandomPurpose.Proposal, 0, (int)d + 1).Below(0, 8)]++;
        }

        double[] even = [.. Enumerable.Repeat(Draws / 64.0, 64)];
        Statistic.AssertChiSquare(pairs, even, "one draw and the next");
        Statistic.AssertChiSquare(steps, even, "one step and the next");
        Statistic.AssertChiSquare(contexts, even, "one context and the next");
    }

    [Test]
    public void Below_is_the_whole_part_of_the_scaled_bits() =>
        Gen.Select(Gen.ULong, Gen.Int[1, int.MaxValue]).Sample(
            (bits, bound) => RandomDraws.ToBelow(bits, bound) == (int)((new BigInteger(bits) * bound) >> 64), threads: 1);

    [Test]
    public void Ends_of_the_ranges()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(RandomDraws.ToBelow(ulong.MaxValue, int.MaxValue), Is.EqualTo(int.MaxValue - 1));
            Assert.That(RandomDraws.ToBelow(ulong.MaxValue, 1), Is.Zero);
            Assert.That(RandomDraws.ToBelow(0, int.MaxValue), Is.Zero);
            Assert.That(RandomDraws.ToUnit(ulong.MaxValue), Is.EqualTo(1 - Math.Pow(2, -53)));
            Assert.That(RandomDraws.ToUnit(0), Is.Zero);
        }
    }

    [Test]
    public void Uniform_and_normal_numbers_have_their_moments()
    {
        const int Draws = 200_000;
        RandomDraws draws = new(5, RandomPurpose.Initialisation, 2, 3);
        double u1 = 0, u2 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0;
        for (uint d = 0; d < Draws; d++)
        {
            double u = draws.Uniform(d), n = draws.Normal(d);
            u1 += u / Draws;
            u2 += u * u / Draws;
            n1 += n / Draws;
            n2 += n * n / Draws;
            n3 += n * n * n / Draws;
            n4 += n * n * n * n / Draws;
        }

        // Standard errors: √(Var/n), with Var u = 1/12, Var u² = 4/45, and for normals Var x^k = (2k−1)!! − E[x^k]².
        Statistic.AssertMean(u1, Math.Sqrt(1.0 / 12 / Draws), 0.5, 0, "E u");
        Statistic.AssertMean(u2, Math.Sqrt(4.0 / 45 / Draws), 1.0 / 3, 0, "E u²");
        Statistic.AssertMean(n1, Math.Sqrt(1.0 / Draws), 0, 0, "E x");
        Statistic.AssertMean(n2, Math.Sqrt(2.0 / Draws), 1, 0, "E x²");
        Statistic.AssertMean(n3, Math.Sqrt(15.0 / Draws), 0, 0, "E x³");
        Statistic.AssertMean(n4, Math.Sqrt(96.0 / Draws), 3, 0, "E x⁴");
    }

    [Test]
    public void Shuffle_makes_every_order_equally_often()
    {
        const int Shuffles = 24_000;
        Dictionary<int, int> counts = [];
        for (int step = 0; step < Shuffles; step++)
        {
            int[] list = [0, 1, 2, 3];
            new RandomDraws(6, RandomPurpose.EpochOrder, step, 0).Shuffle(list);
            Assert.That(list, Is.EquivalentTo(new[] { 0, 1, 2, 3 }));
            int key = (((((list[0] * 4) + list[1]) * 4) + list[2]) * 4) + list[3];
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        Assert.That(counts, Has.Count.EqualTo(24));
        Statistic.AssertChiSquare(
            counts.Values.ToArray(), Enumerable.Repeat(Shuffles / 24.0, 24).ToArray(), "orders of four");
    }

    [Test]
    public void Shuffle_of_nothing_and_of_one()
    {
        RandomDraws draws = new(6, RandomPurpose.EpochOrder, 0, 0);
        int[] one = [9];
        draws.Shuffle([]);
        draws.Shuffle(one);
        Assert.That(one, Is.EqualTo(new[] { 9 }));
    }
}
