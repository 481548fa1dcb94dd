using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <content>Many requests at once, over the threads of a team.</content>
public sealed partial class Recommender
{
    private readonly SlotPool<BatchWork> _batches = new(() => new BatchWork());

    /// <summary>Recommends to many contexts at once; each is given what <see cref="Recommend(ReadOnlySpan{float}, Span{int}, Span{float}, RecommendationScope)"/> would give it.</summary>
    /// <param name="contexts">x [≥ count, L], every number finite.</param>
    /// <param name="count">B, how many rows of <paramref name="contexts"/>.</param>
    /// <param name="n">N, 1 to P.</param>
    /// <param name="result">Receives up to N items a context, best first; overwritten.</param>
    /// <param name="team">Threads to use; batches over one team take turns.</param>
    /// <param name="allowed">The items that may be recommended; all where null.</param>
    /// <param name="excluded">Items that are left out for each context [≥ count]; none where null.</param>
    /// <exception cref="ArgumentException">A shape does not fit, a number is not finite, or an item that is left out is none of the
    /// catalogue's; the result is then of no use.</exception>
    /// <exception cref="ObjectDisposedException">The recommender is disposed.</exception>
    public void Recommend(
        Matrix contexts, int count, int n, TopK result, WorkerTeam team, ItemFilter? allowed = null, SparseRows? excluded = null)
    {
        ArgumentNullException.ThrowIfNull(contexts);
        if (count < 0 || count > contexts.Rows)
            throw new ArgumentException($"{count} contexts are asked for; the table has {contexts.Rows}.", nameof(count));
        Run(new BatchRequest(this, n, result, allowed, excluded) { Contexts = contexts }, count, team);
    }

    /// <summary>Recommends to many histories at once; each is given what <see cref="RecommendTo(ReadOnlySpan{int}, Span{int}, Span{float}, RecommendationScope)"/> would give it.</summary>
    /// <param name="histories">Items of each history [B].</param>
    /// <param name="n">N, 1 to P.</param>
    /// <param name="result">Receives up to N items a history, best first; overwritten.</param>
    /// <param name="team">Threads to use; batches over one team take turns.</param>
    /// <param name="allowed">The items that may be recommended; all where null.</param>
    /// <param name="excluded">Items that are left out for each history [≥ B], as the histories themselves; none where null.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or an item is none of the catalogue's; the result is then of no
    /// use.</exception>
    /// <exception cref="ObjectDisposedException">The recommender is disposed.</exception>
    public void RecommendTo(
        SparseRows histories, int n, TopK result, WorkerTeam team, ItemFilter? allowed = null, SparseRows? excluded = null)
    {
        ArgumentNullException.ThrowIfNull(histories);
        Run(new BatchRequest(this, n, result, allowed, excluded) { Histories = histories }, histories.Count, team);
    }

    private void Run(BatchRequest request, int count, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(request.Result);
        ArgumentNullException.ThrowIfNull(team);
        if (count > request.Result.Queries || request.N < 1 || request.N > request.Result.Capacity)
        {
            throw new ArgumentException(
                $"The result has room for {request.Result.Queries} × {request.Result.Capacity}, the batch asks for {count} × {request.N}.");
        }

        if (request.Excluded is { } excluded && excluded.Count < count)
            throw new ArgumentException($"There are {excluded.Count} lists of items to leave out for {count} contexts.");

        // As a whole: disposing meanwhile lets every context of it end.
        using SharedUse use = Enter();
        BatchWork work = _batches.Rent();
        work.Request = request;
        try
        {
            team.Run(work, count);
        }
        finally
        {
            work.Request = default;
            _batches.Return(work);
        }
    }

    private readonly record struct BatchRequest(Recommender Recommender, int N, TopK Result, ItemFilter? Allowed, SparseRows? Excluded)
    {
        public Matrix? Contexts { get; init; }

        public SparseRows? Histories { get; init; }
    }

    private sealed class BatchWork : IParallelWork
    {
        public BatchRequest Request { get; set; }

        public void Execute(int index, int worker)
        {
            BatchRequest request = Request;
            Span<int> items = request.Result.ItemBuffer(index)[..request.N];
            Span<float> scores = request.Result.ScoreBuffer(index);
            RecommendationScope scope = new()
            {
                Allowed = request.Allowed,
                Excluded = request.Excluded is { } excluded ? excluded[index] : [],
            };
            int found = request.Histories is { } histories
                ? request.Recommender.RecommendTo(histories[index], items, scores, scope)
                : request.Recommender.Recommend(request.Contexts!.Row(index), items, scores, scope);
            request.Result.SetFound(index, found);
        }
    }
}
