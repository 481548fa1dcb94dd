using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>What every guard's checks stand on: the ranges of their arguments, and an audit that grows with what is asked of it.</summary>
/// <remarks>Not thread-safe: a guard takes its turn first.</remarks>
internal sealed class GuardAudit
{
    private RecallAudit? _audit;
    private int _queries;
    private int _k;

    /// <summary>Refuses what <see cref="ICheckedIndex.Check"/> refuses, under the names of its parameters.</summary>
    public static void Require(Matrix items, Matrix queries, int count, int k, double bound, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(team);
        if (!(bound is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(bound), bound, "The bound of the recall must lie in 0 to 1.");
        if (count < 1 || count > queries.Rows)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"It must lie in 1 to {queries.Rows}.");
        if (k < 1 || k > items.Rows)
            throw new ArgumentOutOfRangeException(nameof(k), k, $"K must lie in 1 to {items.Rows}.");
    }

    /// <summary>The audit, with room for <paramref name="count"/> queries of <paramref name="k"/> items.</summary>
    public RecallAudit For(int count, int k)
    {
        if (_audit is null || count > _queries || k > _k)
        {
            (_queries, _k) = (Math.Max(count, _queries), Math.Max(k, _k));
            _audit = new RecallAudit(_queries, _k);
        }

        return _audit;
    }
}
