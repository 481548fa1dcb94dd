using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>A table X [B, L] that is filled with chosen contexts, on all threads of a team.</summary>
internal sealed class ContextBatch(IContextSource source, int capacity) : IParallelWork, IDisposable
{
    private const int RowsPerPiece = 4;

    private readonly int[] _contexts = new int[capacity];
    private int _count;

    /// <summary>X [B, L].</summary>
    public Matrix Rows { get; } = new(capacity, source.Dimension);

    /// <summary>Fills the first rows with the given contexts.</summary>
    public void Fill(ReadOnlySpan<int> contexts, WorkerTeam team)
    {
        if (source is IBatchContextSource batch)
        {
            batch.FillBatch(contexts, Rows, team);
            return;
        }

        contexts.CopyTo(_contexts);
        _count = contexts.Length;
        team.Run(this, (_count + RowsPerPiece - 1) / RowsPerPiece);
    }

    /// <summary>Says which contexts will be filled in next, to a source that has use for it.</summary>
    public void Announce(ReadOnlySpan<int> contexts, WorkerTeam team) => (source as IBatchContextSource)?.Announce(contexts, team);

    public void Dispose() => Rows.Dispose();

    void IParallelWork.Execute(int index, int worker)
    {
        int end = Math.Min(_count, (index + 1) * RowsPerPiece);
        for (int row = index * RowsPerPiece; row < end; row++)
            source.Fill(_contexts[row], Rows, row);
    }
}
