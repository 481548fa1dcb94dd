using KernelPolicy.DeviceTraining;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.Devices;

/// <summary>A small training: contexts of histories, sessions or a dense reward, Θ near the identity.</summary>
internal sealed class StepProblem : IDisposable
{
    public const int Batch = 6;
    public const int Steps = 10;
    public const ulong Seed = 5;
    public const double Rate = 0.01;

    private readonly WorkerTeam _team = new(1);
    private readonly ExactIndex _index;

    /// <param name="catalogue">P.</param>
    /// <param name="dimension">L.</param>
    /// <param name="isSparse">Whether the reward is a session's.</param>
    /// <param name="rounding">What each number of β and Θ is multiplied by 1 plus or minus of: what one rounding does.</param>
    public StepProblem(int catalogue, int dimension, bool isSparse = true, double rounding = 0)
    {
        Items = Seeded.Matrix(1, catalogue, dimension, 0.7);
        First = Seeded.Matrix(2, dimension, dimension, 0.1);
        for (int l = 0; l < dimension; l++)
            First.Row(l)[l] += 1;
        Perturb(Items, rounding, 3);
        Perturb(First, rounding, 4);
        int[][] histories = [.. Enumerable.Range(0, Contexts).Select(c => Seeded.Items(100 + c, c % 5, catalogue))];
        int[][] sessions = [.. Enumerable.Range(0, Contexts).Select(c => Seeded.Items(200 + c, 1 + (c % 7), catalogue).Distinct().Order().ToArray())];
        IRewardSource rewards = isSparse
            ? new SessionReward(SparseRows.FromLists(sessions))
            : new RewardFunction(Contexts, (context, item) => ((((item * 7) + (context * 5)) % 17) - 6) / 8f);
        Problem = new TrainingProblem(Items, new HistoryContexts(SparseRows.FromLists(histories), Items), rewards);
        _index = new ExactIndex(Items);
    }

    public const int Contexts = 20;

    public Matrix Items { get; }

    /// <summary>First values of Θ.</summary>
    public Matrix First { get; }

    public TrainingProblem Problem { get; }

    public WorkerTeam Team => _team;

    public ExactIndex Index => _index;

    /// <summary>The steps of a device, Θ at its first values.</summary>
    public DeviceTrainingSteps OnDevice(ComputeDevice device, EstimatorOptions estimator, ItemPrecision precision = ItemPrecision.Single)
    {
        DeviceTrainingSteps steps = new(
            device, Problem, estimator, new DeviceTrainingOptions { BatchSize = Batch, Seed = Seed, Precision = precision }, _team);
        Begin(steps);
        return steps;
    }

    /// <summary>Θ after each of some steps by the SIMD kernels, and what the steps said of themselves.</summary>
    public (double[][] Theta, StepSums Sums) OnProcessor(EstimatorOptions estimator, int steps)
    {
        using Matrix theta = new(Items.Columns, Items.Columns);
        theta.CopyFrom(First);
        using IGradientEstimator gradients = GradientEstimators.Create(
            estimator, new EstimatorSetting(Items, Problem.Rewards, Batch, Seed, _team), estimator.NeedsIndex ? _index : null);
        using TrainingStep step = new(Problem, gradients, theta, Batch, new AdamOptions(), _team);
        step.SetOrder(Order);
        double[][] path = new double[steps][];
        for (int number = 0; number < steps; number++)
        {
            Step(step, number);
            path[number] = Reference.Linear.Flat(Seeded.Wide(theta));
        }

        return (path, step.Collect());
    }

    /// <summary>Contexts, and batches of five and six of them in turn.</summary>
    public static int[] Order => [.. Enumerable.Range(0, Contexts).Select(i => (i * 7) % Contexts)];

    public static void Step(ITrainingSteps steps, int number, double rate = Rate) =>
        steps.Run(number % 3 * Batch, number % 2 == 0 ? Batch : Batch - 1, number, rate);

    /// <summary>Θ on the host after a pull.</summary>
    public static float[] Theta(ITrainingSteps steps)
    {
        steps.Pull();
        return Values(steps.Theta);
    }

    public static float[] Values(Matrix table) => [.. Enumerable.Range(0, (int)table.Rows).SelectMany(row => table.Row(row).ToArray())];

    public void Begin(ITrainingSteps steps)
    {
        steps.Theta.CopyFrom(First);
        steps.FirstMoment.Clear();
        steps.SecondMoment.Clear();
        steps.Push();
        steps.SetOrder(Order);
    }

    public void Dispose()
    {
        _index.Dispose();
        _team.Dispose();
        Items.Dispose();
        First.Dispose();
    }

    private static void Perturb(Matrix table, double rounding, int seed)
    {
        Random random = new(seed);
        for (int row = 0; row < table.Rows; row++)
        {
            foreach (ref float value in table.Row(row))
                value = (float)(value * (1 + ((random.Next(2) == 0 ? 1 : -1) * rounding)));
        }
    }
}
