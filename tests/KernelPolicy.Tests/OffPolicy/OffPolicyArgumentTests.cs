using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.OffPolicy;

/// <summary>What evaluation refuses, and how it stops.</summary>
public sealed class OffPolicyArgumentTests
{
    private static readonly LoggedFeedback Log = new([0, 1], [0.5, 0.5], [1, 0], 2);

    private static readonly OffPolicyOptions[] Refused =
    [
        new() { Lambda = 0 },
        new() { Lambda = double.NaN },
        new() { Clip = default(WeightClip) },
        new() { Confidence = 1 },
        new() { Interval = (IntervalKind)9 },
        new() { BootstrapReplicates = 99 },
        new() { BootstrapReplicates = -1 },
        new() { SupportContexts = -1 },
        new() { Warnings = null! },
        new() { Rewards = new RewardRange(1, 1) },
        new() { Rewards = new RewardRange(0, 0.5) },
        new() { Rewards = new RewardRange(double.NegativeInfinity, 5) },
        new() { Model = new RewardFunction(3, (_, _) => 0) },
    ];

    [Test]
    public void Options_out_of_range_are_refused([ValueSource(nameof(Refused))] OffPolicyOptions options)
    {
        using var team = new WorkerTeam(1);
        using var policy = new UniformPolicy(2, 2);
        Assert.That(() => OffPolicyEvaluator.Evaluate(Log, policy, team, options), Throws.ArgumentException);
    }

    [Test]
    public void An_empty_log_is_refused()
    {
        using var team = new WorkerTeam(1);
        Assert.That(
            () => OffPolicyEvaluator.Evaluate(new LoggedFeedback([], [], [], 2), new UniformPolicy(0, 2), team),
            Throws.ArgumentException.With.Message.Contains("no rows"));
    }

    [Test]
    public void A_policy_of_another_size_is_refused()
    {
        using var team = new WorkerTeam(1);
        Assert.That(() => OffPolicyEvaluator.Evaluate(Log, new UniformPolicy(3, 2), team), Throws.ArgumentException);
        Assert.That(() => OffPolicyEvaluator.Evaluate(Log, new UniformPolicy(2, 3), team), Throws.ArgumentException);
    }

    [Test]
    public void A_model_needs_a_policy_with_means()
    {
        using var team = new WorkerTeam(1);
        var options = new OffPolicyOptions { Model = new RewardFunction(2, (_, _) => 0) };
        Assert.That(
            () => OffPolicyEvaluator.Evaluate(Log, new LoggedActionProbabilities([0.5, 0.5], 2), team, options), Throws.ArgumentException);
    }

    [Test]
    public void Values_that_are_no_numbers_are_refused()
    {
        using var team = new WorkerTeam(1);
        var options = new OffPolicyOptions { Model = new RewardFunction(2, (_, _) => float.NaN) };
        Assert.That(
            () => OffPolicyEvaluator.Evaluate(Log, new UniformPolicy(2, 2), team, options),
            Throws.ArgumentException.With.Message.Contains("context 0"));
        using var policy = new SoftmaxCase(2, 2, sharpness: double.NaN);
        using ExactProbabilities exact = policy.Exact();
        Assert.That(() => OffPolicyEvaluator.Evaluate(Log, exact, team), Throws.ArgumentException.With.Message.Contains("context 0"));
    }

    [Test]
    public void Probabilities_out_of_range_are_refused()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => new LoggedActionProbabilities([1.1], 2), Throws.ArgumentException);
            Assert.That(() => new LoggedActionProbabilities([double.NaN], 2), Throws.ArgumentException);
            Assert.That(() => new GivenProbabilities([0.5, 0.4], 2, [0]), Throws.ArgumentException);
            Assert.That(() => new GivenProbabilities([1.5, -0.5], 2, [0]), Throws.ArgumentException);
            Assert.That(() => new GivenProbabilities([0.5, 0.5, 1], 2, [0]), Throws.ArgumentException);
            Assert.That(() => new GivenProbabilities([0.5, 0.5], 2, [1]), Throws.ArgumentException);
            Assert.That(() => new UniformPolicy(-1, 2), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => WeightClip.AtPropensity(0), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => WeightClip.AtWeight(double.PositiveInfinity), Throws.InstanceOf<ArgumentException>());
        }
    }

    [Test]
    public void Batches_that_do_not_fit_are_refused()
    {
        using var policy = new SoftmaxCase(10, 4);
        using ExactProbabilities exact = policy.Exact(batchSize: 2);
        var batch = new ProbabilityBatch(2);
        void Refuse(int[] contexts, int[] actions, IRewardSource? model = null) =>
            Assert.That(() => exact.Fill(contexts, actions, model, batch, policy.Team), Throws.ArgumentException);
        using (Assert.EnterMultipleScope())
        {
            Refuse([0, 1], [0]);
            Refuse([0, 1, 2], [0, 0, 0]);
            Refuse([4], [0]);
            Refuse([0], [10]);
            Refuse([0], [0], new RewardFunction(3, (_, _) => 0));
            Assert.That(() => policy.Estimated(0, 10), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => policy.Estimated(1, 1), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => policy.Exact(0), Throws.InstanceOf<ArgumentException>());
        }
    }

    [Test]
    public void Progress_rises_to_all_rows_and_replicates_and_cancellation_stops()
    {
        var bandit = new SmallBandit(2);
        (LoggedFeedback log, int[] contexts) = bandit.Draw(2500);
        using var team = new WorkerTeam(2);
        var heard = new Heard();
        OffPolicyEvaluator.Evaluate(log, bandit.Policy(contexts), team, new OffPolicyOptions { BootstrapReplicates = 300 }, heard);
        Assert.That(heard.All.Select(p => p.Rows), Is.Ordered);
        Assert.That(heard.All.Select(p => p.Replicates), Is.Ordered);
        Assert.That(heard.All[^1], Is.EqualTo(new OffPolicyProgress(2500, 300)));
        Assert.That(heard.All, Has.Count.GreaterThan(4));

        using var source = new CancellationTokenSource();
        var stop = new Heard(p => { if (p.Replicates > 0) source.Cancel(); });
        Assert.That(
            () => OffPolicyEvaluator.Evaluate(log, bandit.Policy(contexts), team, new OffPolicyOptions(), stop, source.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private sealed class Heard(Action<OffPolicyProgress>? then = null) : IProgress<OffPolicyProgress>
    {
        public List<OffPolicyProgress> All { get; } = [];

        public void Report(OffPolicyProgress value)
        {
            All.Add(value);
            then?.Invoke(value);
        }
    }
}
