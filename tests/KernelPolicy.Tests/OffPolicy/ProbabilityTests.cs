using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.OffPolicy;

/// <summary>Probabilities of logged actions and means of models, exact and estimated.</summary>
public sealed class ProbabilityTests
{
    private const int Items = 700;
    private const int Contexts = 40;

    // Scores are sums of 2·7 products, and of b, in single precision of size below 20, exponentiated and summed: ln π is off by some
    // 20·γ_14 ≈ 2e-5 at most, π and means of rewards up to 1 by as much.
    private const double Single = 3e-5;

    [Test]
    public void Exact_probabilities_are_those_of_a_plain_softmax([Values] bool sparse, [Values] bool biased)
    {
        using var policy = new SoftmaxCase(Items, Contexts, biased: biased);
        using ExactProbabilities exact = policy.Exact();
        AssertExact(policy, exact, sparse);
    }

    [Test]
    public void A_tail_that_holds_the_rest_is_exact([Values] bool sparse, [Values(1, 300, 700)] int topK, [Values] bool biased)
    {
        using var policy = new SoftmaxCase(Items, Contexts, biased: biased);
        using EstimatedProbabilities estimated = policy.Estimated(topK, draws: Items);
        AssertExact(policy, estimated, sparse);
    }

    /// <summary>Z is unbiased: over many seeds the mean of Ẑ/Z is 1, and its spread is the standard error reported.</summary>
    [Test]
    public void The_estimated_normaliser_is_unbiased_and_knows_its_error([Values(0.2, 0.6)] double sharpness)
    {
        const int seeds = 2000, draws = 64, context = 3;
        using var policy = new SoftmaxCase(Items, Contexts, sharpness);
        double[] truth = policy.Scores(context);
        double logZ = policy.LogZ(context);
        var batch = new ProbabilityBatch(1);
        double[] ratios = new double[seeds], squares = new double[seeds];
        for (int seed = 0; seed < seeds; seed++)
        {
            using EstimatedProbabilities estimated = policy.Estimated(topK: 16, draws, (ulong)seed, batchSize: 1);
            estimated.Fill([context], [5], null, batch, policy.Team);
            ratios[seed] = Math.Exp(truth[5] - batch.LogProbabilities[0] - logZ);
            squares[seed] = Math.Pow(batch.LogErrors[0] * ratios[seed], 2);
        }

        double variance = Variance(ratios);
        Statistic.AssertMean(ratios.Average(), Math.Sqrt(variance / seeds), 1, Single, "Ẑ/Z");
        // s² is unbiased too; the spread of a variance of 2000 ratios is √((κ − 1)/2000), κ their kurtosis.
        double mean = ratios.Average(), kurtosis = ratios.Average(r => Math.Pow(r - mean, 4)) / (variance * variance);
        double error = Math.Sqrt((variance * variance * (kurtosis - 1) / seeds) + (Variance(squares) / seeds));
        Statistic.AssertMean(squares.Average(), error, variance, 0, "squared error of Ẑ/Z");
        Assert.That(variance, Is.GreaterThan(0));
    }

    /// <summary>A 95 % interval by the reported error, over contexts and seeds; the tail's mean of 256 draws is nearly
    /// normal, so that hits are nearly binomial.</summary>
    [Test]
    public void Errors_of_log_probabilities_and_means_cover()
    {
        const int seeds = 25, draws = 256;
        using var policy = new SoftmaxCase(Items, Contexts, 0.4);
        RewardFunction model = new(Contexts, Model);
        int[] contexts = [.. Enumerable.Range(0, Contexts)], actions = [.. contexts.Select(c => (c * 37) % Items)];
        var batch = new ProbabilityBatch(Contexts);
        int hits = 0, meanHits = 0;
        for (int seed = 0; seed < seeds; seed++)
        {
            using EstimatedProbabilities estimated = policy.Estimated(topK: 32, draws, (ulong)seed);
            estimated.Fill(contexts, actions, model, batch, policy.Team);
            foreach (int c in contexts)
            {
                double[] pi = policy.Probabilities(c);
                hits += Math.Abs(batch.LogProbabilities[c] - Math.Log(pi[actions[c]])) <= (1.96 * batch.LogErrors[c]) + Single ? 1 : 0;
                double mean = pi.Select((p, a) => p * Model(c, a)).Sum();
                meanHits += Math.Abs(batch.Means[c] - mean) <= (1.96 * batch.MeanErrors[c]) + Single ? 1 : 0;
            }
        }

        const double n = seeds * Contexts;
        double slack = Statistic.Z * Math.Sqrt(n * 0.95 * 0.05);
        Assert.That(hits, Is.InRange((n * 0.95) - slack, (n * 0.95) + slack));
        Assert.That(meanHits, Is.InRange((n * 0.95) - slack, (n * 0.95) + slack));
    }

    [Test]
    public void Answers_depend_neither_on_batch_nor_on_threads()
    {
        int[] contexts = [.. Enumerable.Range(0, Contexts)], actions = [.. contexts.Select(c => c * 11)];
        RewardFunction model = new(Contexts, Model);
        var whole = new ProbabilityBatch(Contexts);
        using (var policy = new SoftmaxCase(Items, Contexts, threads: 1))
        using (EstimatedProbabilities estimated = policy.Estimated(8, 32))
            estimated.Fill(contexts, actions, model, whole, policy.Team);
        using var other = new SoftmaxCase(Items, Contexts, threads: 3);
        using EstimatedProbabilities again = other.Estimated(8, 32, batchSize: 7);
        var part = new ProbabilityBatch(7);
        for (int first = Contexts - 7; first >= 0; first -= 7)
        {
            again.Fill(contexts.AsSpan(first, 7), actions.AsSpan(first, 7), model, part, other.Team);
            Assert.That(part.LogProbabilities, Is.EqualTo(whole.LogProbabilities[first..(first + 7)]));
            Assert.That(part.Means, Is.EqualTo(whole.Means[first..(first + 7)]));
            Assert.That(part.LogErrors, Is.EqualTo(whole.LogErrors[first..(first + 7)]));
        }
    }

    [Test]
    public void Given_and_uniform_policies_answer_from_their_table([Values] bool sparse)
    {
        double[] table = [0.5, 0.5, 0, 0.1, 0.2, 0.7];
        IRewardSource model = sparse
            ? new SessionReward(SparseRows.FromLists([[1], [0, 2]]))
            : new RewardFunction(2, (context, a) => context + a);
        using var team = new WorkerTeam(2);
        using var given = new GivenProbabilities(table, 3, [1, 0]);
        using var uniform = new UniformPolicy(2, 3);
        var batch = new ProbabilityBatch(2);
        given.Fill([0, 1], [2, 2], model, batch, team);
        Assert.That(batch.LogProbabilities, Is.EqualTo(new[] { Math.Log(0.7), double.NegativeInfinity }));
        Assert.That(batch.Means, Is.EqualTo(sparse ? [0.2, 0.5] : new[] { 1.6, 1.5 }).Within(1e-12));
        uniform.Fill([0, 1], [2, 2], model, batch, team);
        Assert.That(batch.LogProbabilities, Is.EqualTo(new[] { -Math.Log(3), -Math.Log(3) }));
        Assert.That(batch.Means, Is.EqualTo(sparse ? [1.0 / 3, 2.0 / 3] : new[] { 1.0, 2.0 }).Within(1e-12));
    }

    [Test]
    public void A_warm_batch_allocates_nothing([Values] bool sparse, [Values(0, 1, 2, 3)] int kind, [Values(1, 2)] int threads)
    {
        using var policy = new SoftmaxCase(300, Contexts, threads: threads);
        double[] table = [.. Enumerable.Repeat(1.0 / 300, 300)];
        using IPolicyProbabilities probabilities = kind switch
        {
            0 => policy.Exact(16),
            1 => policy.Estimated(8, 16, batchSize: 16),
            2 => new GivenProbabilities(table, 300, new int[Contexts]),
            _ => new UniformPolicy(Contexts, 300),
        };
        IRewardSource model = Rewards(sparse);
        int[] contexts = [.. Enumerable.Range(0, 16)], actions = [.. Enumerable.Range(0, 16)];
        var batch = new ProbabilityBatch(16);
        Allocations.AssertNone(() => probabilities.Fill(contexts, actions, model, batch, policy.Team));
    }

    [Test]
    public void The_whole_catalogue_may_be_the_head_and_a_single_item_has_probability_one()
    {
        using var policy = new SoftmaxCase(1, 3);
        using EstimatedProbabilities estimated = policy.Estimated(5, 2);
        using ExactProbabilities exact = policy.Exact();
        var batch = new ProbabilityBatch(3);
        foreach (IPolicyProbabilities probabilities in new IPolicyProbabilities[] { estimated, exact })
        {
            probabilities.Fill([0, 1, 2], [0, 0, 0], null, batch, policy.Team);
            Assert.That(batch.LogProbabilities, Is.EqualTo(new double[3]).Within(1e-6));
            Assert.That(batch.LogErrors, Is.All.Zero);
        }
    }

    private static float Model(int context, int item) => (float)(0.5 + (0.5 * Math.Sin((context * 3) + item)));

    private static IRewardSource Rewards(bool sparse) => sparse
        ? new SessionReward(SparseRows.FromLists([.. Enumerable.Range(0, Contexts).Select(c => Enumerable.Range(c, 1 + (c % 5)).ToArray())]))
        : new RewardFunction(Contexts, Model);

    private static void AssertExact(SoftmaxCase policy, IPolicyProbabilities probabilities, bool sparse)
    {
        IRewardSource model = Rewards(sparse);
        int[] contexts = [.. Enumerable.Range(0, Contexts)], actions = [.. contexts.Select(c => (c * 53) % Items)];
        int[] all = [.. Enumerable.Range(0, Items)];
        var batch = new ProbabilityBatch(Contexts);
        probabilities.Fill(contexts, actions, model, batch, policy.Team);
        double[] logs = new double[Contexts], means = new double[Contexts];
        float[] rewards = new float[Items];
        foreach (int c in contexts)
        {
            double[] pi = policy.Probabilities(c);
            model.Fill(c, all, rewards);
            logs[c] = Math.Log(pi[actions[c]]);
            means[c] = pi.Zip(rewards, (p, r) => p * r).Sum();
        }

        Close.Values(batch.LogProbabilities, logs, Single, 0, "ln π");
        Close.Values(batch.Means, means, Single, 0, "E_π[r]");
        Assert.That(batch.LogErrors, Is.All.Zero);
        Assert.That(batch.MeanErrors, Is.All.Zero);
    }

    private static double Variance(double[] values)
    {
        double mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
    }
}
