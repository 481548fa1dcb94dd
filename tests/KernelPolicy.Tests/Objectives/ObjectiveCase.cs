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
    BiasedReference,
}

/// <summary>An objective in both precisions, over the contexts of an <see cref="EstimatorCase"/> whose h is given.</summary>
internal sealed class ObjectiveCase : IDisposable
{
    private readonly Matrix _theta;
    private readonly Matrix _bias;

    public ObjectiveCase(EstimatorCase problem, ObjectiveKind kind, PullTo pull, double lambda = 0.75)
    {
        Problem = problem;
        _theta = Seeded.Matrix(77, problem.Dimension, problem.Dimension, 0.4);
        _bias = Seeded.Matrix(78, 1, problem.Dimension, 0.7);
        bool isBiased = pull == PullTo.BiasedReference;
        QueryMap reference = new(_theta, isBiased ? _bias : null);
        ReferenceProjected = new Matrix(problem.Contexts, problem.Dimension);
        reference.Project(new Projection(), problem.Projected, ReferenceProjected, problem.Contexts, problem.Team);
        bool isUniform = pull is PullTo.Nothing or PullTo.Uniform;
        Objective = new TrainingObjective
        {
            Kind = kind, KlWeight = pull == PullTo.Nothing ? 0 : lambda, Reference = isUniform ? (QueryMap?)null : reference,
        };
        Wide = new ReferenceObjective(
            kind, Objective.KlWeight, isUniform ? null : Seeded.Wide(_theta), isBiased ? Seeded.Wide(_bias.Row(0)) : null);
    }

    public EstimatorCase Problem { get; }

    public TrainingObjective Objective { get; }

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
        _theta.Dispose();
        _bias.Dispose();
        ReferenceProjected.Dispose();
    }
}
