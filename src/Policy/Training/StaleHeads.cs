using System.Runtime.InteropServices;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Has the heads of each step retrieved with Θ of the step before, so that the search need not wait for the gradient.</summary>
/// <remarks>Θ of the step before is remembered with checkpoints: a training that is resumed searches as one that was not stopped. Not
/// thread-safe.</remarks>
internal sealed class StaleHeads : IEstimatorMemory, IDisposable
{
    private readonly IAheadRetrieval _estimator;
    private readonly ContextShares _shares;
    private readonly ContextBatch _contexts;
    private readonly EstimatorBatch _batch;
    private readonly Matrix _previous;
    private readonly Projection _projection = new();
    private readonly WorkerTeam _team;
    private bool _hasPrevious;
    private long _retrieved = -1;

    /// <summary>Reserves what it needs.</summary>
    public StaleHeads(IAheadRetrieval estimator, TrainingProblem problem, int batchSize, WorkerTeam team)
    {
        (_estimator, _shares, _team) = (estimator, problem.Shares, team);
        _contexts = new ContextBatch(problem.Contexts, batchSize);
        _batch = new EstimatorBatch(batchSize, problem.Items.Columns);
        _previous = new Matrix(problem.Items.Columns, problem.Items.Columns);
    }

    /// <summary>X of the step whose heads were retrieved last [B, L].</summary>
    public Matrix Contexts => _contexts.Rows;

    /// <summary>Sees to it that the heads of a step are there: after a start or a resume nobody has retrieved them yet.</summary>
    public void Require(ReadOnlySpan<int> contexts, long step, Matrix theta)
    {
        if (_retrieved != step || !_batch.Contexts.SequenceEqual(contexts))
            Retrieve(contexts, step, _hasPrevious ? _previous : theta, null);
    }

    /// <summary>Retrieves the heads of the step to come.</summary>
    /// <param name="contexts">Its contexts.</param>
    /// <param name="step">Its number.</param>
    /// <param name="theta">Θ before the ascent of this step.</param>
    /// <param name="between">Called between parts of the search.</param>
    public void RetrieveAhead(ReadOnlySpan<int> contexts, long step, Matrix theta, Action? between) =>
        Retrieve(contexts, step, theta, between);

    /// <summary>Keeps Θ, which is about to ascend.</summary>
    public void KeepPrevious(Matrix theta)
    {
        _previous.CopyFrom(theta);
        _hasPrevious = true;
    }

    /// <summary>Forgets what was retrieved: tables have changed other than by a step.</summary>
    public void Drop() => _retrieved = -1;

    public void Clear() => (_hasPrevious, _retrieved) = (false, -1);

    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        for (long row = 0; _hasPrevious && row < _previous.Rows; row++)
            stream.Write(MemoryMarshal.AsBytes(_previous.Row(row)));
    }

    public void Read(ReadOnlySpan<byte> bytes)
    {
        int row = _previous.Columns * sizeof(float);
        if (bytes.Length != 0 && bytes.Length != row * _previous.Rows)
            throw new InvalidDataException($"Θ of the step before takes {row * _previous.Rows} bytes, not {bytes.Length}.");
        Clear();
        if (bytes.IsEmpty)
            return;
        for (int i = 0; i < _previous.Rows; i++)
            bytes.Slice(i * row, row).CopyTo(MemoryMarshal.AsBytes(_previous.Row(i)));
        _hasPrevious = true;
    }

    public void Dispose()
    {
        _contexts.Dispose();
        _batch.Dispose();
        _previous.Dispose();
    }

    private void Retrieve(ReadOnlySpan<int> contexts, long step, Matrix theta, Action? between)
    {
        // An epoch's last step does not know the next one's contexts: those come with Require.
        _retrieved = contexts.IsEmpty ? -1 : step;
        if (contexts.IsEmpty)
            return;
        _contexts.Fill(contexts, _team);
        _batch.Set(contexts, _shares, step);
        _projection.Run(_contexts.Rows, theta, _batch.Projected, contexts.Length, _team);
        between?.Invoke();
        _estimator.RetrieveAhead(_batch, between);
    }
}
