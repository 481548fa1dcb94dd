using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <content>The gradient of a batch: X, H = XΘ, G by the estimator, (1/B) XᵀG.</content>
public sealed partial class TrainingStep
{
    /// <summary>The gradient of a batch [L, L], without a step: ∂/∂Θ of the mean of the objective over the contexts, which no rank but
    /// this one has a part in.</summary>
    /// <exception cref="TrainingDivergedException">It is not finite.</exception>
    public Matrix Gradient(ReadOnlySpan<int> contexts, long step)
    {
        Estimate(contexts, step);
        CheckFinite(_thetaGradient, "gradient of Θ", step);
        return _thetaGradient;
    }

    private void Estimate(ReadOnlySpan<int> contexts, long step)
    {
        Statistics = default;
        _thetaGradient.Clear();
        if (contexts.IsEmpty)
            return;
        _batch.Set(contexts, _shares, step);
        Matrix rows = Fill(contexts, step);
        if (_correction is null)
            _projection.Run(rows, Theta, _batch.Projected, contexts.Length, _team);
        else
            _correction.Project(rows, Theta, _batch.Projected, contexts.Length, _team);
        _reference?.Project(_projection, rows, _batch.ReferenceProjected!, contexts.Length, _team);
        _estimator.Estimate(_batch, _gradients);
        Matrix flow = _correctionAscent?.Backward(_gradients, contexts.Length) ?? _gradients;
        _outerProduct.Run(rows, flow, _thetaGradient, contexts.Length, _team);
        _itemAscent?.Collect(_batch, _gradients, Theta);
        Statistics = _estimator.Statistics;
    }

    // X. Where heads are retrieved a step before, X was made for that.
    private Matrix Fill(ReadOnlySpan<int> contexts, long step)
    {
        if (_stale is not null)
        {
            _stale.Require(contexts, step, Theta);
            return _stale.Contexts;
        }

        _contexts.Fill(contexts, _team);
        return _contexts.Rows;
    }

    /// <summary>The gradient of a table that is trained beside Θ, of the batch that <see cref="Gradient(ReadOnlySpan{int}, long)"/> was
    /// asked for last; zero in the rows of β that it does not touch.</summary>
    /// <param name="table">One of <see cref="Tables"/>.</param>
    /// <param name="destination">Receives it; of the table's shape.</param>
    /// <exception cref="ArgumentException">There is no such table, or the shapes differ.</exception>
    public void CopyGradient(TrainedTable table, Matrix destination)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(destination);
        if (!Tables.Contains(table))
            throw new ArgumentException($"'{table.Name}' is not trained here.", nameof(table));
        if (destination.Rows != table.Values.Rows || destination.Columns != table.Values.Columns)
            throw new ArgumentException($"The destination is [{destination.Rows}, {destination.Columns}], the table [{table.Values.Rows}, {table.Values.Columns}].", nameof(destination));
        if (_itemAscent is not null)
            _itemAscent.CopyGradient(destination);
        else
            destination.CopyFrom(_correctionAscent!.Gradient(table.Name));
    }

    // A sum is finite only if its terms are; a sum that overflows has diverged as well.
    private static void CheckFinite(Matrix tensor, string name, long step)
    {
        for (long row = 0; row < tensor.Rows; row++)
        {
            if (!float.IsFinite(TensorPrimitives.Sum<float>(tensor.Row(row))))
                throw new TrainingDivergedException(step, name);
        }
    }
}
