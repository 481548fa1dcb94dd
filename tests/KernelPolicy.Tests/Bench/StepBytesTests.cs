using KernelPolicy.Bench;
using NUnit.Framework;

namespace KernelPolicy.Tests.Bench;

/// <summary>Bytes that steps move, counted by hand: P = 1000, L = 20 (rows of 32 numbers, 128 bytes), B = 4, X = 3, Y = 2.</summary>
public class StepBytesTests
{
    private const double Common = (4 * 3 * 128) + (9 * 20 * 128);

    private static readonly StepBytes Step = new(1000, 20, BatchSize: 4, History: 3, Rewarded: 2);

    [Test]
    public void RowsArePadded() => Assert.That((Step.Row, Step.CodeRow, Step.Table), Is.EqualTo((128.0, 64.0, 128_000.0)));

    [Test]
    public void ExactReadsTheCatalogueOnce() => Assert.That(Step.Exact, Is.EqualTo(Common + 128_000 + (4 * 2 * 128)));

    [Test]
    public void ReinforceKeepsItsWeights() => Assert.That(
        Step.Reinforce(samples: 6), Is.EqualTo(Common + 128_000 + (4 * 4 * 1000 * (1 + (1 / 6.0))) + (4 * 6 * 384) + (4 * 2 * 128)).Within(1e-6));

    [Test]
    public void UniformReadsARowADraw() => Assert.That(Step.Uniform(samples: 6), Is.EqualTo(Common + (4 * 6 * 128)));

    [Test]
    public void MixtureSearchesBesideThat() => Assert.That(Step.Mixture(samples: 6, Step.Scan), Is.EqualTo(Common + 128_000 + (4 * 6 * 128)));

    [Test]
    public void StrataShareTheirTail() => Assert.That(
        Step.Strata(topK: 5, tail: 7, search: 1000), Is.EqualTo(Common + 1000 + (7 * 128) + (4 * (5 + 2) * 128)));

    [Test]
    public void GraphsReadCodesLinksAndTheBest()
    {
        // 100 nodes of 64 bytes, 16 rows of 2 · 8 links, 5 rows of β, for each of 4 queries.
        Assert.That(Step.Graph(scored: 100, efSearch: 16, topK: 5, m: 8), Is.EqualTo(4 * ((100 * 64) + (16 * 64) + (5 * 128))));
        Assert.That(Step.Graph(100, efSearch: 16, topK: 32, m: 8), Is.EqualTo(4 * ((100 * 64) + (32 * 64) + (32 * 128))), "ef is K at least");
    }
}
