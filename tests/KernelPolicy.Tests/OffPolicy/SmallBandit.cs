using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;

namespace KernelPolicy.Tests.OffPolicy;

/// <summary>
/// A bandit whose truth is known: a population of contexts, a logging softmax policy, a softmax policy to evaluate, and the
/// probability of a click of every item in every context. Rows draw context, action and click independently.
/// </summary>
internal sealed class SmallBandit
{
    public const int Items = 24;
    public const int Population = 60;

    private readonly Random _random;

    /// <param name="seed">Seed of the truth.</param>
    /// <param name="distance">How far the evaluated policy is from the logging one; 0 for the same.</param>
    public SmallBandit(int seed, double distance = 1)
    {
        Random random = new(seed);
        double[][] scores = Table(() => 0.7 * Normal(random));
        double[][] shift = Table(() => distance * Normal(random));
        Logging = [.. scores.Select(row => Softmax.Weights(row))];
        Target = [.. scores.Select((row, x) => Softmax.Weights([.. row.Select((f, a) => f + shift[x][a])]))];
        Clicks = Table(() => 0.05 + (0.6 * random.NextDouble()));
        _random = new Random(seed + 1);
    }

    /// <summary>π₀ [population, P].</summary>
    public double[][] Logging { get; }

    /// <summary>π [population, P].</summary>
    public double[][] Target { get; }

    /// <summary>E[r|a, x] [population, P].</summary>
    public double[][] Clicks { get; }

    /// <summary>V(π).</summary>
    public double Value => Expect(Target, (x, a) => Clicks[x][a]);

    /// <summary>E_x Σ_a policy(a|x) of(x, a).</summary>
    public double Expect(double[][] policy, Func<int, int, double> of) => Enumerable.Range(0, Population)
        .Average(x => Enumerable.Range(0, Items).Sum(a => policy[x][a] * of(x, a)));

    /// <summary>w of an item in a context.</summary>
    public double Weight(int x, int a) => Target[x][a] / Logging[x][a];

    /// <summary>Draws N rows.</summary>
    /// <returns>The log and each row's context in the population.</returns>
    public (LoggedFeedback Log, int[] Contexts) Draw(int rows)
    {
        int[] contexts = new int[rows], actions = new int[rows];
        double[] propensities = new double[rows], rewards = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            int x = contexts[i] = _random.Next(Population);
            int a = actions[i] = Pick(Logging[x], _random.NextDouble());
            propensities[i] = Logging[x][a];
            rewards[i] = _random.NextDouble() < Clicks[x][a] ? 1 : 0;
        }

        return (new LoggedFeedback(actions, propensities, rewards, Items), contexts);
    }

    /// <summary>π for the rows of a log.</summary>
    public GivenProbabilities Policy(int[] contexts) => new(Target.SelectMany(row => row).ToArray(), Items, contexts);

    /// <summary>A model of the click probability for the rows of a log.</summary>
    public static RewardFunction Model(int[] contexts, Func<int, int, double> model) =>
        new(contexts.Length, (row, a) => (float)model(contexts[row], a));

    private static double[][] Table(Func<double> value) =>
        [.. Enumerable.Range(0, Population).Select(_ => Enumerable.Range(0, Items).Select(_ => value()).ToArray())];

    private static int Pick(double[] probabilities, double u)
    {
        int a = 0;
        for (double sum = probabilities[0]; u >= sum && a < probabilities.Length - 1; sum += probabilities[a])
            a++;
        return a;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
