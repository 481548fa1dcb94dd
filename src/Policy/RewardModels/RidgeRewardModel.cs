using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Linear regression of the reward with a ridge penalty: r_M(a, x) = w·φ, φ = [1, x, β_a, x∘β_a], by the normal equations.
/// </summary>
/// <remarks>
/// D = 1 + 3L coefficients: a full bilinear form x'Wβ has L² and its normal equations L⁴ entries, 16 million at L = 64. One pass
/// over the log, O(N·D²), on one thread; the same result each time.
/// </remarks>
public sealed class RidgeRewardModel : LinearRewardModel
{
    private RidgeRewardModel(Matrix items, IContextSource contexts, double[] coefficients)
        : base(items, contexts, coefficients)
    {
    }

    /// <summary>Fits a model to a log.</summary>
    /// <param name="items">β [P, L]; it stays the caller's, as the contexts do, and is read at each prediction.</param>
    /// <param name="contexts">The N contexts of the log.</param>
    /// <param name="log">Actions and rewards.</param>
    /// <param name="options">Penalty, weights, rows left out; the defaults where null.</param>
    /// <exception cref="ArgumentException">An option is out of range, the parts do not fit each other, or no row is
    /// left.</exception>
    public static RidgeRewardModel Fit(Matrix items, IContextSource contexts, LoggedFeedback log, RewardModelOptions? options = null)
    {
        options ??= new RewardModelOptions();
        using var data = new RewardModelData(items, contexts, log, options);
        int size = data.Features.Length;
        var equations = new PenalisedNormalEquations(size);
        double[] rightSide = new double[size];
        data.Each((reward, count) =>
        {
            equations.Add(data.Features, count, count);
            TensorPrimitives.MultiplyAdd(data.Features, count * reward, rightSide, rightSide);
        });
        TensorPrimitives.Divide<double>(rightSide, equations.Weight, rightSide);
        double[] penalty = equations.MeanSquares;
        TensorPrimitives.Multiply<double>(penalty, options.Penalty, penalty);
        penalty[0] = 0;
        return new RidgeRewardModel(items, contexts, equations.Solve(rightSide, penalty));
    }

    private protected override void Respond(Span<float> linear)
    {
    }
}
