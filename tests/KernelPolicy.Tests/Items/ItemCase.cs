using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.Items;

/// <summary>A few items, histories and sessions, and the step of a training in which items learn.</summary>
internal sealed class ItemCase : IDisposable
{
    public const int Items = 40;
    public const int Dimension = 5;
    public const int Contexts = 7;

    private readonly List<IDisposable> _owned = [];

    public ItemCase(ItemLearning learning, EstimatorOptions? options = null, int threads = 2, TrainingObjective? objective = null)
    {
        Team = Own(new WorkerTeam(threads));
        Beta = Own(Seeded.Matrix(1, Items, Dimension, 0.8));
        Theta = Own(Seeded.Matrix(2, Dimension, Dimension, 0.7));
        Histories = [.. Enumerable.Range(0, Contexts).Select(c => Seeded.Items(10 + c, 1 + (c % 4), Items))];
        int[][] rewarded = [.. Enumerable.Range(0, Contexts).Select(c => Seeded.Items(30 + c, 6, Items).Distinct().Order().ToArray())];
        Rewards = [.. rewarded.Select(y => Enumerable.Range(0, Items).Select(a => y.Contains(a) ? 1.0 : 0).ToArray())];
        Problem = TrainingProblem.SessionCompletion(Beta, SparseRows.FromLists(Histories), SparseRows.FromLists(rewarded));
        Coefficients = learning is LearnedItems ? new CoefficientTable(Contexts) : null;
        ExactIndex index = Own(new ExactIndex(Beta));
        Estimator = Own(GradientEstimators.Create(
            options ?? new ExactOptions(),
            new EstimatorSetting(Beta, Problem.Rewards, Contexts, 3, Team)
            {
                Coefficients = Coefficients,
                Objective = objective ?? TrainingObjective.ExpectedReward,
            },
            index));
        Step = Own(new TrainingStep(Problem, Estimator, Theta, Contexts, new AdamOptions(), Team, learning, seed: 4));
    }

    public static int[] Batch => [.. Enumerable.Range(0, Contexts)];

    public WorkerTeam Team { get; }

    public Matrix Beta { get; }

    public Matrix Theta { get; }

    public int[][] Histories { get; }

    public double[][] Rewards { get; }

    public TrainingProblem Problem { get; }

    public CoefficientTable? Coefficients { get; }

    public IGradientEstimator Estimator { get; }

    public TrainingStep Step { get; }

    /// <summary>J in double precision, contexts held where they are.</summary>
    public ItemObjective Objective()
    {
        using Matrix x = new(Contexts, Dimension);
        for (int i = 0; i < Contexts; i++)
            Problem.Contexts.Fill(i, x, i);
        return new ItemObjective(Seeded.Wide(x), Seeded.Wide(Theta), Seeded.Wide(Beta), Rewards);
    }

    /// <summary>The gradient of a table of the step.</summary>
    public float[] Gradient(string name)
    {
        TrainedTable table = Step.Tables.Single(table => table.Name == name);
        using Matrix gradient = new(table.Values.Rows, table.Values.Columns);
        Step.CopyGradient(table, gradient);
        return MatrixValues(gradient);
    }

    public static float[] MatrixValues(Matrix table) =>
        [.. Enumerable.Range(0, (int)table.Rows).SelectMany(row => table.Row(row).ToArray())];

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
            _owned[i].Dispose();
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }
}
