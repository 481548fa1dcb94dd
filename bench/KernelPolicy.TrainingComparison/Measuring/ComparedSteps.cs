using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.TrainingComparison.Measuring;

/// <summary>How long an estimator is measured.</summary>
/// <param name="Warmup">Steps before those that are timed.</param>
/// <param name="Steps">Steps to time.</param>
/// <param name="Seconds">Seconds after which no further step is begun, warming up and timing each; a tenth of the steps is always taken.</param>
internal sealed record StepPlan(int Warmup, int Steps, double Seconds);

/// <summary>Times training steps of ours, one estimator after the other, from Θ = I each.</summary>
internal sealed class ComparedSteps(TrainingProblem problem, int batchSize, ulong seed, WorkerTeam team, StepPlan plan)
{
    /// <summary>The learning rate of every step, ours and the peers'.</summary>
    public const double LearningRate = 1e-4;

    /// <summary>The estimators, by the names of the results.</summary>
    public static IReadOnlyList<(string Name, EstimatorOptions Options)> Estimators { get; } =
    [
        ("exact", new ExactOptions()),
        ("reinforce", new ReinforceOptions(1000)),
        ("mixture", new MixtureOptions(1000, 256, 0.8)),
        ("strata-64-128", new StrataOptions(64, 128)),
        ("strata-8-16", new StrataOptions(8, 16)),
    ];

    /// <summary>Milliseconds of each step; the query of the index is part of it.</summary>
    public List<double> Measure(EstimatorOptions options, IMipsIndex? index)
    {
        using Matrix theta = Theta.Initialise(problem.Items.Columns, ThetaInitialisation.Identity, 0, seed);
        using IGradientEstimator estimator = GradientEstimators.Create(
            options, new EstimatorSetting(problem.Items, problem.Rewards, batchSize, seed, team), index);
        using TrainingStep step = new(problem, estimator, theta, batchSize, new AdamOptions(), team);
        int[] batch = new int[batchSize];
        long number = 0;
        Run(plan.Warmup, null);
        List<double> times = new(plan.Steps);
        Run(plan.Steps, times);
        return times;

        void Run(int steps, List<double>? milliseconds)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < steps && (i * 10 < steps || Stopwatch.GetElapsedTime(start).TotalSeconds < plan.Seconds); i++, number++)
            {
                long first = number * batchSize % (problem.Contexts.Count / batchSize * batchSize);
                for (int b = 0; b < batchSize; b++)
                    batch[b] = (int)first + b;
                long began = Stopwatch.GetTimestamp();
                step.Run(batch, number, LearningRate);
                milliseconds?.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }
    }

    /// <summary>Share of the exact top K that an index finds, over the first contexts at Θ = I: h = x.</summary>
    public double Recall(IMipsIndex index, int k, int contexts)
    {
        using ExactIndex exact = new(problem.Items);
        using Matrix queries = new(batchSize, problem.Items.Columns);
        TopK found = new(batchSize, k), truth = new(batchSize, k);
        long hits = 0, asked = 0;
        for (int first = 0; first + batchSize <= Math.Min(contexts, problem.Contexts.Count); first += batchSize)
        {
            for (int i = 0; i < batchSize; i++)
                problem.Contexts.Fill(first + i, queries, i);
            index.Search(queries, batchSize, k, found, team);
            exact.Search(queries, batchSize, k, truth, team);
            for (int i = 0; i < batchSize; i++)
            {
                HashSet<int> wanted = [.. truth.Items(i)];
                foreach (int item in found.Items(i))
                    hits += wanted.Remove(item) ? 1 : 0;
            }

            asked += (long)batchSize * k;
        }

        return (double)hits / asked;
    }
}
