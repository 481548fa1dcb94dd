using ILGPU;
using ILGPU.Runtime;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Tests.Estimators;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>The random numbers of the kernels are those of every other path.</summary>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.Devices))]
public sealed class DrawTests(DevicePath path) : DeviceFixture(path)
{
    private const ulong Seed = 0x0123456789ABCDEF;

    [Test]
    public void Philox_gives_the_known_answers()
    {
        // Random123's kat_vectors for philox4x32-10: counter, key, answer.
        uint[] vectors =
        [
            0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8,
            0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
            0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
        ];
        DeviceArray<uint> words = Upload<uint>(vectors), answers = Room<uint>(12);
        Action<KernelConfig, ArrayView<uint>, ArrayView<uint>> kernel =
            Device.Accelerator.LoadStreamKernel<ArrayView<uint>, ArrayView<uint>>(DrawProbes.Blocks);
        kernel(Threads(3), words.View, answers.View);
        Assert.That(Download(answers), Is.EqualTo([.. vectors[6..10], .. vectors[16..20], .. vectors[26..30]]));
    }

    [Test]
    public void Pairs_below_and_unit_are_those_of_the_processor()
    {
        const int Pairs = 64;
        long[] steps = [0, 1, 77, (1L << 32) - 1, 1L << 32, (5L << 32) + 77, (1L << 56) - 1];
        int[] contexts = [0, 1, 1000, int.MaxValue], bounds = [1, 2, 3, 1000, 40_981, 1 << 20, (1 << 30) + 1, int.MaxValue];
        Action<KernelConfig, ulong, long, int, int, ArrayView<ulong>, ArrayView<int>, ArrayView<double>> kernel =
            Device.Accelerator.LoadStreamKernel<ulong, long, int, int, ArrayView<ulong>, ArrayView<int>, ArrayView<double>>(DrawProbes.Draw);
        DeviceArray<ulong> bits = Room<ulong>(2 * Pairs);
        DeviceArray<int> below = Room<int>(2 * Pairs);
        DeviceArray<double> units = Room<double>(2 * Pairs);
        int round = 0;
        foreach (long step in steps)
        {
            foreach (int context in contexts)
            {
                int bound = bounds[round++ % bounds.Length];
                ulong seed = round % 3 == 0 ? ulong.MaxValue : Seed;
                kernel(Threads(Pairs), seed, step, context, bound, bits.View, below.View, units.View);
                RandomDraws draws = new(seed, RandomPurpose.Proposal, step, context);
                uint[] all = [.. Enumerable.Range(0, 2 * Pairs).Select(d => (uint)d)];
                string what = $"step {step}, context {context}, bound {bound}";
                Assert.That(Download(bits), Is.EqualTo(all.Select(d => draws.Bits(d))), what);
                Assert.That(Download(below), Is.EqualTo(all.Select(d => draws.Below(d, bound))), what);
                Assert.That(Download(units), Is.EqualTo(all.Select(d => draws.Uniform(d))), what);
            }
        }
    }

    [Test]
    public void The_ends_of_the_range_fall_below_every_bound()
    {
        ulong[] bits = [0, 1, (1UL << 32) - 1, 1UL << 32, (1UL << 63) - 1, 1UL << 63, ulong.MaxValue - 1, ulong.MaxValue];
        DeviceArray<ulong> source = Upload<ulong>(bits);
        DeviceArray<int> below = Room<int>(bits.Length);
        Action<KernelConfig, ArrayView<ulong>, int, ArrayView<int>> kernel =
            Device.Accelerator.LoadStreamKernel<ArrayView<ulong>, int, ArrayView<int>>(DrawProbes.Below);
        foreach (int bound in new[] { 1, 2, 3, 10, 1 << 16, (1 << 30) + 7, int.MaxValue })
        {
            kernel(Threads(bits.Length), source.View, bound, below.View);
            Assert.That(Download(below), Is.EqualTo(bits.Select(b => RandomDraws.ToBelow(b, bound))), $"bound {bound}");
        }
    }

    [Test]
    public void Uniform_items_are_those_of_the_proposal([Values(2, 3, 127, 128, 129, 300)] int samples)
    {
        const int Catalogue = 40_981;
        int[] contexts = [7, 0, 12];
        const long Step = (5L << 32) + 77;
        (int[] items, float[] weights) = Keep(new UniformDraws(Catalogue), contexts, Step, samples);
        for (int position = 0; position < contexts.Length; position++)
        {
            int[] expected = new int[samples];
            UniformProposal.Draw(new RandomDraws(Seed, RandomPurpose.Proposal, Step, contexts[position]), Catalogue, expected);
            Assert.That(items.AsSpan(position * samples, samples).ToArray(), Is.EqualTo(expected), $"position {position}");
        }

        Assert.That(weights, Is.All.Zero);
    }

    /// <summary>Scores are representable, so that the head is the same to the last bit; draws are compared one by one, and
    /// counted as the processor's proposal counts them.</summary>
    [Test]
    public void Mixture_draws_are_those_of_the_proposal(
        [Values] MixtureSampler sampler, [Values(0, 0.2, 0.7, 1)] double epsilon, [Values(1, 7, 40)] int topK)
    {
        const long Step = (1L << 32) + 3;
        const int Samples = 150;
        using EstimatorCase problem = EstimatorCase.Representable(60, 7, 5, largest: 16);
        int[] contexts = [4, 0, 2];
        int slots = MixtureHeads.SlotsFor(topK);
        (int[] Items, float[] Scores)[] answers = [.. contexts.Select(c => problem.Head(c, topK))];
        DeviceArray<double> cumulative = Room<double>(contexts.Length * topK);
        DeviceArray<float> logWeights = Room<float>(contexts.Length * topK);
        MixtureHeads heads = new(topK, slots)
        {
            Found = Upload<int>([.. answers.Select(a => a.Items.Length)]).View,
            Items = Upload<int>([.. answers.SelectMany(a => a.Items)]).View,
            Scores = Upload<float>([.. answers.SelectMany(a => a.Scores)]).View,
            Cumulative = cumulative.View,
            LogWeights = logWeights.View,
            Hash = Room<int>(contexts.Length * slots).View,
        };
        Action<KernelConfig, MixtureHeads, double, int> prepare =
            Device.Accelerator.LoadStreamKernel<MixtureHeads, double, int>(MixtureHeadKernel.Run);
        prepare(new KernelConfig(contexts.Length, Device.Style.GroupSize), heads, epsilon, problem.Catalogue);
        int uniform = sampler == MixtureSampler.Stratified ? (int)Math.Floor(epsilon * Samples) : -1;
        (int[] drawn, float[] weights) = Keep(new MixtureDraws(heads, problem.Catalogue, epsilon, uniform), contexts, Step, Samples);

        MixtureProposal proposal = new(problem.Catalogue, epsilon, topK);
        for (int position = 0; position < contexts.Length; position++)
        {
            (int[] head, float[] scores) = answers[position];
            int[] own = drawn.AsSpan(position * Samples, Samples).ToArray();
            int[] items = [.. own.Select(item => Math.Max(item, ~item))];
            double[] kappa = Reference.Softmax.Weights([.. scores.Select(score => (double)score)]);
            Assert.That(
                items, Is.EqualTo(DrawRules.Mixture(Seed, Step, contexts[position], problem.Catalogue, Samples, epsilon, sampler, head, kappa)),
                $"position {position}");
            Assert.That(own.Select(item => item < 0), Is.EqualTo(items.Select(head.Contains)), "what is known to be in the head");

            proposal.SetHead(head, scores);
            int[] tail = new int[Samples];
            int listed = proposal.Draw(new RandomDraws(Seed, RandomPurpose.Proposal, Step, contexts[position]), Samples, sampler, tail);
            Assert.That(own.Where(item => item >= 0), Is.EqualTo(tail[..listed]), "draws outside the head, in order");
            Assert.That(head.Select(item => items.Count(i => i == item)), Is.EqualTo(proposal.HeadCounts.ToArray()));
            for (int s = 0; s < Samples; s++)
            {
                // f − ln q + ln(ε/P) is rounded once; ln q is within 1e-15 and a few roundings of double precision.
                int place = Array.IndexOf(head, items[s]);
                double expected = place < 0 ? 0 : scores[place] - proposal.HeadLogDensity(place) + (epsilon > 0 ? proposal.TailLogDensity : 0);
                double allowed = (Math.Abs(expected) * Math.Pow(2, -24)) + 1e-13;
                Assert.That(weights[(position * Samples) + s], Is.EqualTo(expected).Within(allowed), $"weight of draw {s}");
            }
        }
    }

    private (int[] Items, float[] LogWeights) Keep<TProposal>(TProposal proposal, int[] contexts, long step, int samples)
        where TProposal : struct, IProposal
    {
        SampledShape shape = new(samples, 1);
        DeviceArray<int> items = Room<int>(contexts.Length * samples);
        DeviceArray<float> logWeights = Room<float>(contexts.Length * samples);
        Action<KernelConfig, BatchView, SampledShape, TProposal, ArrayView<int>, ArrayView<float>> kernel =
            Device.Accelerator.LoadStreamKernel<BatchView, SampledShape, TProposal, ArrayView<int>, ArrayView<float>>(KeepDrawsKernel.Run);
        kernel(
            new KernelConfig(contexts.Length * shape.Parts, Device.Style.GroupSize), Batch(contexts, step, Seed), shape, proposal,
            items.View, logWeights.View);
        return (Download(items), Download(logWeights));
    }
}

/// <summary>Kernels that make random numbers, a block or a pair a thread.</summary>
internal static class DrawProbes
{
    /// <summary>Counter and key of ten words each give four.</summary>
    public static void Blocks(ArrayView<uint> vectors, ArrayView<uint> answers)
    {
        int i = Grid.GlobalIndex.X;
        if (4 * i >= answers.Length)
            return;
        int at = 10 * i;
        (uint w0, uint w1, uint w2, uint w3) = Philox.Block(
            vectors[at], vectors[at + 1], vectors[at + 2], vectors[at + 3], vectors[at + 4], vectors[at + 5]);
        answers[4 * i] = w0;
        answers[(4 * i) + 1] = w1;
        answers[(4 * i) + 2] = w2;
        answers[(4 * i) + 3] = w3;
    }

    public static void Draw(
        ulong seed, long step, int context, int bound, ArrayView<ulong> bits, ArrayView<int> below, ArrayView<double> units)
    {
        int pair = Grid.GlobalIndex.X;
        if (2 * pair >= bits.Length)
            return;
        (ulong even, ulong odd) = DeviceDraws.Pair(seed, step, context, pair);
        bits[2 * pair] = even;
        bits[(2 * pair) + 1] = odd;
        below[2 * pair] = DeviceDraws.Below(even, bound);
        below[(2 * pair) + 1] = DeviceDraws.Below(odd, bound);
        units[2 * pair] = DeviceDraws.Unit(even);
        units[(2 * pair) + 1] = DeviceDraws.Unit(odd);
    }

    public static void Below(ArrayView<ulong> bits, int bound, ArrayView<int> below)
    {
        int i = Grid.GlobalIndex.X;
        if (i < bits.Length)
            below[i] = DeviceDraws.Below(bits[i], bound);
    }
}
