using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Logistic regression of a reward in [0, 1]: r_M(a, x) = σ(w·φ), φ = [1, x, β_a, x∘β_a], with an L2 penalty, by Newton's method.
/// </summary>
/// <remarks>
/// A step is one pass over the log, O(N·D²), D = 1 + 3L; some ten steps are usual. Steps that do not lower the penalised loss are
/// halved. On one thread; the same result each time.
/// </remarks>
public sealed class LogisticRewardModel : LinearRewardModel
{
    private const int MostSteps = 100;
    private const int MostHalvings = 30;

    // Newton's decrement estimates twice the distance to the least loss; the loss is of order one.
    private const double Converged = 1e-14;

    private LogisticRewardModel(Matrix items, IContextSource contexts, double[] coefficients)
        : base(items, contexts, coefficients)
    {
    }

    /// <summary>Fits a model to a log.</summary>
    /// <param name="items">β [P, L]; it stays the caller's, as the contexts do, and is read at each prediction.</param>
    /// <param name="contexts">The N contexts of the log.</param>
    /// <param name="log">Actions and rewards in [0, 1].</param>
    /// <param name="options">Penalty, weights, rows left out; the defaults where null.</param>
    /// <exception cref="ArgumentException">An option is out of range, the parts do not fit each other, no row is left, or a
    /// reward is not in [0, 1]: the message names row and value.</exception>
    /// <exception cref="InvalidOperationException">It does not converge in 100 steps.</exception>
    public static LogisticRewardModel Fit(Matrix items, IContextSource contexts, LoggedFeedback log, RewardModelOptions? options = null)
    {
        options ??= new RewardModelOptions();
        using var data = new RewardModelData(items, contexts, log, options);
        for (int row = 0; row < log.Count; row++)
        {
            if (log.Rewards[row] is < 0 or > 1)
                throw new ArgumentException($"The reward of row {row} is {log.Rewards[row]}; a logistic model takes [0, 1].", nameof(log));
        }

        var fit = new NewtonFit(data, options.Penalty);
        for (int step = 0; step < MostSteps; step++)
        {
            if (fit.Step(MostHalvings) <= Converged)
                return new LogisticRewardModel(items, contexts, fit.Coefficients);
        }

        throw new InvalidOperationException(
            $"The logistic model did not converge in {MostSteps} steps of Newton's method; a penalty above {options.Penalty} may help.");
    }

    private protected override void Respond(Span<float> linear) => TensorPrimitives.Sigmoid<float>(linear, linear);

    /// <summary>Newton's method on (1/W) Σ ω [ln(1 + e^η) − rη] + ½ Σ q w², η = w·φ.</summary>
    private sealed class NewtonFit
    {
        private readonly RewardModelData _data;
        private readonly PenalisedNormalEquations _equations;
        private readonly double[] _penalty;
        private readonly double[] _descent;

        public NewtonFit(RewardModelData data, double penalty)
        {
            int size = data.Features.Length;
            (_data, Coefficients, _descent) = (data, new double[size], new double[size]);
            _equations = new PenalisedNormalEquations(size);
            data.Each((_, count) => _equations.Add(data.Features, count, count));
            _penalty = _equations.MeanSquares;
            TensorPrimitives.Multiply<double>(_penalty, penalty, _penalty);
            _penalty[0] = 0;
        }

        public double[] Coefficients { get; private set; }

        /// <summary>One step.</summary>
        /// <returns>The decrement −∇·step before it.</returns>
        public double Step(int mostHalvings)
        {
            _equations.Clear();
            Array.Clear(_descent);
            double loss = 0;
            _data.Each((reward, count) =>
            {
                double linear = TensorPrimitives.Dot<double>(Coefficients, _data.Features);
                double mean = 1 / (1 + Math.Exp(-linear));
                loss += count * Loss(linear, reward);
                _equations.Add(_data.Features, count * mean * (1 - mean), count);
                TensorPrimitives.MultiplyAdd(_data.Features, count * (reward - mean), _descent, _descent);
            });
            loss = (loss / _equations.Weight) + Penalty(Coefficients);
            for (int j = 0; j < _descent.Length; j++)
                _descent[j] = (_descent[j] / _equations.Weight) - (_penalty[j] * Coefficients[j]);
            double[] direction = _equations.Solve(_descent, _penalty);
            double decrement = TensorPrimitives.Dot<double>(_descent, direction);
            double[] next = new double[direction.Length];
            double length = 1;
            for (int halving = 0; ; halving++, length /= 2)
            {
                TensorPrimitives.MultiplyAdd(direction, length, Coefficients, next);

                // Near the least loss rounding hides the gain: the full step is right there.
                if (decrement < 1e-10 || halving == mostHalvings || Loss(next) < loss)
                    break;
            }

            Coefficients = next;
            return decrement;
        }

        private double Loss(double[] coefficients)
        {
            double sum = 0;
            _data.Each((reward, count) => sum += count * Loss(TensorPrimitives.Dot<double>(coefficients, _data.Features), reward));
            return (sum / _equations.Weight) + Penalty(coefficients);
        }

        private double Penalty(double[] coefficients)
        {
            double sum = 0;
            for (int j = 0; j < coefficients.Length; j++)
                sum += _penalty[j] * coefficients[j] * coefficients[j] / 2;
            return sum;
        }

        // ln(1 + e^η) − rη, without overflow.
        private static double Loss(double linear, double reward) =>
            Math.Max(linear, 0) + Math.Log(1 + Math.Exp(-Math.Abs(linear))) - (reward * linear);
    }
}
