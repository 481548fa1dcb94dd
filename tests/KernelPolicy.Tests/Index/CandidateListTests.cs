using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

public sealed class CandidateListTests
{
    [TestCase(0f)]
    [TestCase(1.5f)]
    [TestCase(-1.5f)]
    [TestCase(float.MaxValue)]
    [TestCase(float.MinValue)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    [TestCase(float.Epsilon)]
    public void A_packed_candidate_gives_back_score_and_node(float score)
    {
        foreach (int node in new[] { 0, 1, 12345, int.MaxValue })
        {
            ulong packed = Candidate.Pack(score, node);
            Assert.That(Candidate.Node(packed | Candidate.Followed), Is.EqualTo(node));
            Assert.That(Candidate.Score(packed | Candidate.Followed), Is.EqualTo(score));
        }
    }

    [Test]
    public void Better_is_larger_and_ties_go_to_the_smaller_node()
    {
        float[] scores = [float.NegativeInfinity, -2, -1e-30f, 0, 1e-30f, 3, float.PositiveInfinity];
        for (int i = 1; i < scores.Length; i++)
            Assert.That(Candidate.Pack(scores[i], 100), Is.GreaterThan(Candidate.Pack(scores[i - 1], 0)));
        Assert.That(Candidate.Pack(1, 3), Is.GreaterThan(Candidate.Pack(1, 4)));
        Assert.That(Candidate.Pack(-0f, 3), Is.EqualTo(Candidate.Pack(0f, 3)));
    }

    [Test]
    public void Keeps_the_best_and_follows_each_once(
        [Values(1, 2, 7, 64, 300)] int ef, [Values(1, 5, 24, 66)] int block, [Values(1, 3)] int beam)
    {
        int[] nodes = new int[beam];
        RandomDraws draws = new(1, RandomPurpose.Synthetic, ef, block);
        CandidateList list = new();
        list.Reset(ef, Math.Max(1, ef / 2), block);
        List<ulong> all = [];
        HashSet<int> followed = [];
        int node = 0;
        for (uint round = 0; round < 200; round++)
        {
            ulong threshold = list.Threshold;
            ulong[] some = new ulong[draws.Below(2 * round, block + 1)];
            for (int i = 0; i < some.Length; i++)
                some[i] = Candidate.Pack(draws.Below((uint)(100_000 + node), 50), node++);
            some = [.. some.Where(candidate => candidate > threshold)];
            all.AddRange(some);
            list.Merge(some);
            ulong[] expected = [.. all.OrderDescending().Take(ef)];
            Assert.That(list.Entries.ToArray().Select(e => e & ~Candidate.Followed), Is.EqualTo(expected));
            Assert.That(list.Threshold & ~Candidate.Followed, Is.EqualTo(expected.Length < ef ? 0 : expected[^1]), "what the next must exceed");

            int[] expectedNodes = [.. expected.Take(Math.Max(1, ef / 2)).Select(Candidate.Node).Where(n => !followed.Contains(n)).Take(beam)];
            int count = list.Follow(nodes);
            Assert.That(nodes[..count], Is.EqualTo(expectedNodes));
            followed.UnionWith(expectedNodes);
        }
    }
}
