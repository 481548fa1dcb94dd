using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Writes π(a|x) of each item for one of a problem's contexts.</summary>
/// <param name="context">Number of the context, 0 to M − 1.</param>
/// <param name="probabilities">Receives π [P]; every place is to be written.</param>
public delegate void PolicyProbabilities(int context, Span<double> probabilities);

/// <summary>
/// A bandit problem whose truth is known: M contexts x, P items β, rewards of 1 with probability
/// p(r = 1|x, a) = σ(b + s x·β_a), and a logging policy π₀(a|x) = ε/P + (1−ε) softmax(x·γ_a / τ) with exact propensities.
/// </summary>
/// <remarks>
/// <para>The contexts are the whole population: a decision meets each with probability 1/M, so that the value of a policy,
/// V(π) = (1/M) Σ_x Σ_a π(a|x) p(r = 1|x, a), is a finite sum, and decisions are independent and alike, as off-policy
/// evaluation supposes.</para>
/// <para>Draws are named by (seed, purpose, row): the same at any number of threads and in any order. Sums are in double
/// precision over the floats that <see cref="Contexts"/> and <see cref="Items"/> hold. The same options give the same log on
/// one kind of processor; exponentials of another may differ in the last bit.</para>
/// <para>Owns its tables: dispose it. Safe for concurrent reads.</para>
/// </remarks>
public sealed class SyntheticBandit : IDisposable
{
    private const long ContextStep = 32;
    private const long ItemStep = 33;
    private const long NoiseStep = 34;
    private const double SumTolerance = 1e-4;

    private readonly SyntheticBanditOptions _options;
    private readonly double[] _logging;

    private SyntheticBandit(SyntheticBanditOptions options, Matrix contexts, Matrix items, double[] logging)
    {
        _options = options;
        _logging = logging;
        Contexts = contexts;
        Items = items;
    }

    /// <summary>X [M, D]: all contexts that there are.</summary>
    public Matrix Contexts { get; }

    /// <summary>β [P, D]: with Θ = c·I the policy ranks items as their rewards do.</summary>
    public Matrix Items { get; }

    /// <summary>P.</summary>
    public int ItemCount => _options.Items;

    /// <summary>M.</summary>
    public int ContextCount => _options.Contexts;

    /// <summary>Draws a problem.</summary>
    /// <param name="options">Its shape; the defaults where null.</param>
    /// <returns>A problem that the caller disposes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static SyntheticBandit Create(SyntheticBanditOptions? options = null)
    {
        options ??= new SyntheticBanditOptions();
        options.Validate();
        Matrix contexts = Normals(options, ContextStep, options.Contexts, 1);
        Matrix items = Normals(options, ItemStep, options.Items, 1 / Math.Sqrt(options.Dimension));
        using Matrix noise = Normals(options, NoiseStep, options.Items, 1 / Math.Sqrt(options.Dimension));
        double[] logging = new double[(long)options.Items * options.Dimension];
        double rest = Math.Sqrt(1 - (options.LoggingCorrelation * options.LoggingCorrelation));
        for (int item = 0; item < options.Items; item++)
        {
            for (int j = 0; j < options.Dimension; j++)
            {
                logging[((long)item * options.Dimension) + j] =
                    (options.LoggingCorrelation * items.Row(item)[j]) + (rest * noise.Row(item)[j]);
            }
        }

        return new SyntheticBandit(options, contexts, items, logging);
    }

    /// <summary>p(r = 1|x, a): also the expected reward.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such context or item.</exception>
    public double RewardProbability(int context, int item)
    {
        ReadOnlySpan<float> x = Contexts.Row(context);
        ReadOnlySpan<float> beta = Items.Row(item);
        double score = 0;
        for (int j = 0; j < x.Length; j++)
            score += (double)x[j] * beta[j];
        return 1 / (1 + Math.Exp(-(_options.RewardOffset + (_options.RewardScale * score))));
    }

    /// <summary>Writes p(r = 1|x, a) of each item.</summary>
    /// <param name="context">Number of the context.</param>
    /// <param name="probabilities">Receives [P].</param>
    /// <exception cref="ArgumentException">There is no such context, or the length differs.</exception>
    public void RewardProbabilities(int context, Span<double> probabilities)
    {
        CheckLength(probabilities.Length);
        for (int item = 0; item < probabilities.Length; item++)
            probabilities[item] = RewardProbability(context, item);
    }

    /// <summary>Writes π₀(a|x) of each item: the propensities.</summary>
    /// <param name="context">Number of the context.</param>
    /// <param name="probabilities">Receives [P].</param>
    /// <exception cref="ArgumentException">There is no such context, or the length differs.</exception>
    public void LoggingProbabilities(int context, Span<double> probabilities)
    {
        CheckLength(probabilities.Length);
        ReadOnlySpan<float> x = Contexts.Row(context);
        double most = double.NegativeInfinity;
        for (int item = 0; item < probabilities.Length; item++)
        {
            long start = (long)item * x.Length;
            double score = 0;
            for (int j = 0; j < x.Length; j++)
                score += x[j] * _logging[start + j];
            probabilities[item] = score / _options.Temperature;
            most = Math.Max(most, probabilities[item]);
        }

        double sum = 0;
        foreach (ref double probability in probabilities)
        {
            probability = Math.Exp(probability - most);
            sum += probability;
        }

        double even = _options.UniformFloor / probabilities.Length;
        foreach (ref double probability in probabilities)
            probability = even + ((1 - _options.UniformFloor) * probability / sum);
    }

    /// <summary>V(π): the exact expected reward of a decision made by a policy.</summary>
    /// <param name="policy">Gives π(·|x) of each context.</param>
    /// <exception cref="ArgumentException">A probability is negative or not finite, or they do not sum to 1 within
    /// 1e-4.</exception>
    public double Value(PolicyProbabilities policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        double[] probabilities = new double[ItemCount];
        double total = 0;
        for (int context = 0; context < ContextCount; context++)
        {
            policy(context, probabilities);
            double sum = 0;
            double value = 0;
            for (int item = 0; item < probabilities.Length; item++)
            {
                if (!(probabilities[item] >= 0))
                {
                    throw new ArgumentException(
                        $"The policy gives item {item} in context {context} the probability {probabilities[item]}.", nameof(policy));
                }

                sum += probabilities[item];
                if (probabilities[item] > 0)
                    value += probabilities[item] * RewardProbability(context, item);
            }

            if (!(Math.Abs(sum - 1) <= SumTolerance))
                throw new ArgumentException($"The policy's probabilities in context {context} sum to {sum}.", nameof(policy));
            total += value;
        }

        return total / ContextCount;
    }

    /// <summary>V(π₀): what the logging policy earns a decision.</summary>
    public double LoggingValue() => Value(LoggingProbabilities);

    /// <summary>The best possible value: that of always taking <see cref="BestItem"/>.</summary>
    public double BestValue()
    {
        double total = 0;
        for (int context = 0; context < ContextCount; context++)
            total += RewardProbability(context, BestItem(context));
        return total / ContextCount;
    }

    /// <summary>The item most likely to be rewarded; ties go to the smaller number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such context.</exception>
    public int BestItem(int context)
    {
        int best = 0;
        double most = -1;
        for (int item = 0; item < ItemCount; item++)
        {
            double probability = RewardProbability(context, item);
            if (probability > most)
                (best, most) = (item, probability);
        }

        return best;
    }

    /// <summary>Draws decisions of the logging policy and their rewards.</summary>
    /// <param name="decisions">N, at least 1.</param>
    /// <param name="seed">Names the draws: another seed, another log of the same problem. Decision i is the same at any
    /// N.</param>
    /// <returns>A log that the caller disposes, whose features are the contexts met and whose item ids are their numbers; and
    /// which context each decision met [N].</returns>
    /// <exception cref="ArgumentOutOfRangeException">N is below 1.</exception>
    public (BanditLog Log, int[] Contexts) Draw(int decisions, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(decisions, 1);
        return SyntheticDecisions.Draw(this, decisions, seed);
    }

    /// <summary>Frees the tables.</summary>
    public void Dispose()
    {
        Contexts.Dispose();
        Items.Dispose();
    }

    private static Matrix Normals(SyntheticBanditOptions options, long step, int rows, double deviation)
    {
        Matrix table = new(rows, options.Dimension);
        for (int row = 0; row < rows; row++)
        {
            RandomDraws draws = new(options.Seed, RandomPurpose.Synthetic, step, row);
            Span<float> values = table.Row(row);
            for (int j = 0; j < values.Length; j++)
                values[j] = (float)(deviation * draws.Normal((uint)j));
        }

        return table;
    }

    private void CheckLength(int length)
    {
        if (length != ItemCount)
            throw new ArgumentException($"There are {ItemCount} items, and room for {length}.", nameof(length));
    }
}
