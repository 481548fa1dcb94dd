using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving.Exploration;

/// <summary>A head from an index that missed one item of the top K: what the draw then is, what it says of itself, and the gap that
/// mends it.</summary>
public sealed class MissedItemTests
{
    private const int P = 200;
    private const int K = 15;
    private const int Rank = 2;
    private const int Requests = 100_000;

    private ExplorationCase _problem = null!;
    private int[] _head = null!;
    private int _missed;

    [SetUp]
    public void MissOne()
    {
        _problem = new ExplorationCase(P, 1);
        int[] top = _problem.Top(K + 1);
        (_missed, _head) = (top[Rank], [.. top.Where((_, rank) => rank != Rank)]);
    }

    [TearDown]
    public void Free() => _problem.Dispose();

    /// <summary>The missed item m competes only where its noise exceeds the threshold of an item that scores S: its chance is
    /// w/(w + Z_T' + Z_H e^{φ − S}), and what it loses goes to others.</summary>
    [Test]
    public void Without_a_gap_a_missed_item_is_drawn_too_seldom_as_the_theory_says([Values(0.5, 1)] double temperature, [Values(0, 0.2)] double gap)
    {
        var options = new ExplorationOptions { Kind = ExplorationKind.Softmax, Temperature = temperature, Gap = gap };
        double[] weights = [.. _problem.Scores.Select(f => Math.Exp(f / temperature))];
        double head = _head.Sum(a => weights[a]), own = weights[_missed], rest = weights.Sum() - head - own;
        double bound = Math.Exp((_problem.Scores[_head[^1]] + gap) / temperature);
        double theory = own / (own + rest + (head * own / bound));
        double share = own / weights.Sum();
        int drawn = 0, witnessed = 0;
        foreach ((ExploredItem[] slate, ExplorationReport report) in _problem.Run(options, _head, 1, Requests))
        {
            drawn += slate[0].Item == _missed ? 1 : 0;
            witnessed += report.Missed > 0 ? 1 : 0;
            Assert.That(report.Missed > 0 || slate[0].Item != _missed, "a missed item is never served without a witness");
            Assert.That(report.NoMissSeen, Is.EqualTo(report.Missed == 0));
        }

        double error = Math.Sqrt(theory * (1 - theory) / Requests);
        Statistic.AssertMean((double)drawn / Requests, error, theory, 0, "share of the missed item");
        Assert.That(Math.Abs(share - theory), Is.GreaterThan(10 * error), "the case would show an exact draw");
        Assert.That(witnessed, Is.GreaterThanOrEqualTo(drawn));
    }

    [Test]
    public void With_a_gap_that_covers_it_draws_are_exact([Values(1, 3)] int places)
    {
        double gap = _problem.Scores[_missed] - _problem.Scores[_head[^1]] + 1e-3;
        var options = new ExplorationOptions { Kind = ExplorationKind.Softmax, Gap = gap };
        int[] counts = new int[P];
        foreach ((ExploredItem[] slate, ExplorationReport report) in _problem.Run(options, _head, places, Requests))
        {
            counts[slate[0].Item]++;
            Assert.That(report.Missed, Is.Zero);
        }

        Law.AssertCounts(counts, _problem.Policy(), "items");
    }

    /// <summary>The share reported is the missed item's own, where the propensities' tail holds everything, and on average nearly so
    /// elsewhere.</summary>
    [Test]
    public void The_share_missed_is_reported([Values(100, P)] int tailDraws)
    {
        const int requests = 4000;
        var options = new ExplorationOptions { Kind = ExplorationKind.Softmax, TailDraws = tailDraws };
        double share = _problem.Policy()[_missed];
        double[] reported = [.. _problem.Run(options, _head, 2, requests).Select(at => at.Report.MissedShare)];
        double mean = reported.Average(), error = Math.Sqrt(reported.Sum(r => (r - mean) * (r - mean))) / requests;

        // Single precision of scores below 10: 10·γ_14; a ratio's bias is of the order of Ẑ's squared relative error, below 0.1².
        Statistic.AssertMean(mean, error, share, tailDraws == P ? 1e-5 : 0.1 * share, "share missed");
        if (tailDraws == P)
            Assert.That(reported, Is.All.EqualTo(share).Within(1e-5));
    }

    /// <summary>Two kernels may round one score differently: an item of the bound's own score is no witness.</summary>
    [Test]
    public unsafe void A_difference_by_rounding_is_no_witness()
    {
        float* row = _problem.Items.RowPointer(_missed);
        int stride = _problem.Items.Stride;
        float score = _problem.SingleScores[_missed];
        Assert.That(CandidateHead.Exceeds(score, MathF.BitDecrement(score), _problem.Query, row, stride), Is.False);
        Assert.That(CandidateHead.Exceeds(score, score, _problem.Query, row, stride), Is.False);
        Assert.That(CandidateHead.Exceeds(score, score - 1e-3, _problem.Query, row, stride), Is.True);
    }
}
