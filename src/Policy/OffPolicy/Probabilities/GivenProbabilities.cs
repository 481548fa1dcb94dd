using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// A policy known as a few distributions over the catalogue [G, P] and the number of the distribution that rules in each
/// context [N]: one for each position of a page, say.
/// </summary>
/// <remarks>Exact. Copies what it is given. Not thread-safe.</remarks>
public sealed class GivenProbabilities : IPolicyProbabilities, IParallelWork
{
    private const double SumTolerance = 1e-6;

    private readonly double[] _table;
    private readonly int[] _groups;
    private readonly ProbabilityCall _call;

    /// <summary>Copies and checks the distributions.</summary>
    /// <param name="table">π [G, P], row by row: G·P values in [0, 1], each row with the sum 1 within 10⁻⁶.</param>
    /// <param name="catalogue">P, at least 1.</param>
    /// <param name="groups">The row of each context [N], each in 0 to G − 1.</param>
    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    public GivenProbabilities(ReadOnlySpan<double> table, int catalogue, ReadOnlySpan<int> groups)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(catalogue, 1);
        if (table.Length % catalogue != 0)
            throw new ArgumentException($"{table.Length} probabilities are no whole rows of {catalogue} items.", nameof(table));
        int rows = table.Length / catalogue;
        for (int row = 0; row < rows; row++)
        {
            double sum = 0;
            for (int item = 0; item < catalogue; item++)
            {
                double value = table[(row * catalogue) + item];
                if (!(value is >= 0 and <= 1))
                    throw new ArgumentException($"π of item {item} in row {row} is {value}; it must lie in [0, 1].", nameof(table));
                sum += value;
            }

            if (Math.Abs(sum - 1) > SumTolerance)
                throw new ArgumentException($"The probabilities of row {row} sum to {sum}; it must be 1 within {SumTolerance}.", nameof(table));
        }

        for (int context = 0; context < groups.Length; context++)
        {
            if ((uint)groups[context] >= (uint)rows)
                throw new ArgumentException($"Context {context} names row {groups[context]}; rows are 0 to {rows - 1}.", nameof(groups));
        }

        (_table, _groups, Catalogue) = (table.ToArray(), groups.ToArray(), catalogue);
        _call = new ProbabilityCall(BatchSize);
    }

    /// <inheritdoc/>
    public string Description => "given";

    /// <inheritdoc/>
    public int Count => _groups.Length;

    /// <inheritdoc/>
    public int Catalogue { get; }

    /// <inheritdoc/>
    public int BatchSize => 1024;

    /// <inheritdoc/>
    public bool GivesMeans => true;

    /// <inheritdoc/>
    public void Fill(
        ReadOnlySpan<int> contexts, ReadOnlySpan<int> actions, IRewardSource? model, ProbabilityBatch destination, WorkerTeam team)
    {
        _call.Begin(this, contexts, actions, model, destination, team);
        team.Run(this, contexts.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    void IParallelWork.Execute(int index, int worker)
    {
        int context = _call.Contexts[index];
        ReadOnlySpan<double> row = _table.AsSpan(_groups[context] * Catalogue, Catalogue);
        _call.Destination.SetExact(
            index, Math.Log(row[_call.Actions[index]]), _call.Model is { } model ? CatalogueMean.Of(model, context, Catalogue, row) : 0);
    }
}
