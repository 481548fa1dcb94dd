using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.Objectives;

/// <summary>The policy that an objective pulls to.</summary>
public enum PullTo
{
    Nothing,
    Uniform,
    Reference,
}

/// <summary>An objective in both precisions, over the contexts of an <see cref="EstimatorCase"/> whose h is given.</summary>
internal sealed class ObjectiveCase : IDisposable
{
    public ObjectiveCase(EstimatorCase problem, ObjectiveKind kind, PullTo pull, double lambda = 0.75)
    {
        Problem = problem;
        ReferenceTheta = Seeded.Matrix(77, problem.Dimension, problem.Dimension, 0.4);
        ReferenceProjected = new Matrix(problem.Contexts, problem.Dimension);
        new Projection().Run(problem.Projected, ReferenceTheta, ReferenceProjected, problem.Contexts, problem.Team);
        Objective = new TrainingObjective
        {
            Kind = kind, KlWeight = pull == PullTo.Nothing ? 0 : lambda, ReferenceTheta = pull == PullTo.Reference ? ReferenceTheta : null,
        };
        Wide = new ReferenceObjective(kind, Objective.KlWeight, pull == PullTo.Reference ? Seeded.Wide(ReferenceTheta) : null);
    }

    public EstimatorCase Problem { get; }

    public TrainingObjective Objective { get; }

    public Matrix ReferenceTheta { get; }

    /// <summary>h_ref [N, L], as single precision has it.</summary>
    public Matrix ReferenceProjected { get; }

    public ReferenceObjective Wide { get; }

    /// <summary>h_ref of a context; zero where nothing is projected.</summary>
    public double[] ReferenceOf(int context) =>
        Objective.NeedsReference ? Seeded.Wide(ReferenceProjected.Row(context)) : new double[Problem.Dimension];

    public IGradientEstimator Estimator(EstimatorOptions options, IRewardSource rewards) => GradientEstimators.Create(
        options, new EstimatorSetting(Problem.Items, rewards, Problem.Contexts, 7, Problem.Team) { Objective = Objective },
        options.NeedsIndex ? Problem.Index : null);

    /// <summary>g of the given contexts, with h_ref where it is needed.</summary>
    public float[][] Estimate(IGradientEstimator estimator, int[] contexts, long step)
    {
        using EstimatorBatch batch = new(contexts.Length, Problem.Dimension, Objective.NeedsReference);
        using Matrix gradients = new(contexts.Length, Problem.Dimension);
        batch.Set(contexts, step);
        for (int position = 0; position < contexts.Length; position++)
        {
            Problem.Projected.PaddedRow(contexts[position]).CopyTo(batch.Projected.PaddedRow(position));
            if (Objective.NeedsReference)
                ReferenceProjected.PaddedRow(contexts[position]).CopyTo(batch.ReferenceProjected!.PaddedRow(position));
        }

        estimator.Estimate(batch, gradients);
        return [.. Enumerable.Range(0, contexts.Length).Select(position => gradients.Row(position).ToArray())];
    }

    public void Dispose()
    {
        ReferenceTheta.Dispose();
        ReferenceProjected.Dispose();
    }
}
