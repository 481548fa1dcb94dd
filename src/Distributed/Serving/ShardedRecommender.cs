using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Distributed;

/// <summary>How a recommender over shards asks.</summary>
public sealed record ShardedRecommenderOptions
{
    /// <summary>The longest deadline.</summary>
    public static readonly TimeSpan LongestDeadline = TimeSpan.FromMinutes(10);

    /// <summary>When an answer is given with whatever has come, counted from the request; more than 0, up to
    /// <see cref="LongestDeadline"/>. It is kept to about a millisecond.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMilliseconds(50);
}

/// <summary>
/// Recommends from items that lie in several shards: asks all of them at the same time, and merges their best by falling score, the smaller item
/// first where scores are equal. Shards that have not answered by the deadline are left out, and the answer says so.
/// </summary>
/// <remarks>
/// <para>Scores are those of a recommender over all items, bit for bit on one vector width: each shard makes h = xΘ + b itself. With
/// efSearch so high that each shard's search is exact, so are the items. A context that is made of a history differs by rounding where the
/// history lies in several shards, whose sums are added in their order and not in the history's.</para>
/// <para>A request to a context is one round; to a history it is two: the sums of β first, in at most half of the time.</para>
/// <para>Thread safety: any number of threads may ask at once; each waits on its own thread. A shard that answers late holds up nobody, and its
/// answer goes nowhere.</para>
/// <para>Memory: a request allocates nothing after warm-up, where its shards do not; after each answer that came late, the next
/// request may. Ids are new strings.</para>
/// </remarks>
public sealed partial class ShardedRecommender : IDisposable
{
    private readonly IShard[] _shards;
    private readonly bool _ownsShards;
    private readonly ShardedRecommenderOptions _options;
    private readonly ConcurrentQueue<ShardCall> _calls = new();
    private readonly ConcurrentQueue<ShardGather> _gathers = new();
    private readonly Exception?[] _failures;

    /// <summary>Recommends by shards.</summary>
    /// <param name="shards">All shards of one set, in any order.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <param name="ownsShards">Whether they are disposed with the recommender.</param>
    /// <exception cref="ArgumentException">A shard is null, or has no place.</exception>
    /// <exception cref="InvalidDataException">The shards are not of one set, the numbers of a place make no sense, or one is missing or there twice; they stay the
    /// caller's.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The deadline is out of its range.</exception>
    public ShardedRecommender(IReadOnlyList<IShard> shards, ShardedRecommenderOptions? options = null, bool ownsShards = true)
    {
        ArgumentNullException.ThrowIfNull(shards);
        _options = options ?? new ShardedRecommenderOptions();
        CheckDeadline(_options.Deadline, nameof(options));
        if (shards.Any(shard => shard?.Place is null))
            throw new ArgumentException("A shard is null, or has no place.", nameof(shards));
        _shards = [.. shards.OrderBy(shard => shard.Place.Shard)];
        ShardSet.Check([.. _shards.Select(shard => shard.Place)]);
        _ownsShards = ownsShards;
        _failures = new Exception?[_shards.Length];
    }

    /// <summary>n.</summary>
    public int ShardCount => _shards.Length;

    /// <summary>P, of all shards.</summary>
    public int ItemCount => _shards[0].Place.Items;

    /// <summary>L: how many numbers a context has.</summary>
    public int Dimension => _shards[0].Place.Dimension;

    /// <summary>Which set of shards it recommends by.</summary>
    public string Set => _shards[0].Place.Set;

    /// <summary>Why a shard was last missing, as far as it has said so; null where it never was, or was silent.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such shard.</exception>
    public Exception? LastFailureOf(int shard) => (uint)shard < (uint)_shards.Length
        ? Volatile.Read(ref _failures[shard])
        : throw new ArgumentOutOfRangeException(nameof(shard), shard, $"There are shards 0 to {_shards.Length - 1}.");

    /// <summary>Recommends to a context.</summary>
    /// <param name="context">x [L], every number finite.</param>
    /// <param name="items">Receives the items, best first, by their numbers among all; its length is N, 1 to P.</param>
    /// <param name="scores">Receives their scores h·β_a [≥ N].</param>
    /// <param name="scope">What is left out, and how long it may take.</param>
    /// <returns>How many were found, and which shards are missing. Where none has answered, 0 items: no exception.</returns>
    /// <exception cref="ArgumentException">A shape does not fit, a number or a score is not finite, an item is none of the catalogue's,
    /// or the deadline is out of its range.</exception>
    public ShardedAnswer Recommend(ReadOnlySpan<float> context, Span<int> items, Span<float> scores, ShardedScope scope = default)
    {
        long deadline = DeadlineOf(scope);
        CheckRoom(items, scores);
        CheckItems(scope.Excluded, "to be left out", nameof(scope));
        if (context.Length != Dimension)
            throw new ArgumentException($"The context has {context.Length} numbers; the policy takes {Dimension}.", nameof(context));
        if (!TensorPrimitives.IsFiniteAll(context))
            throw new ArgumentException("A number of the context is not finite; all must be.", nameof(context));
        ShardGather gather = RentGather();
        context.CopyTo(gather.Context);
        ShardedAnswer answer = Search(gather, items, scores, scope, deadline);
        Return(gather);
        return answer;
    }

    /// <summary>Recommends to a history: the context is the mean of β over its items.</summary>
    /// <param name="history">Items by their numbers among all, of which one that stands twice counts twice; where there are none, the
    /// context is zero.</param>
    /// <param name="items">Receives the items, best first; its length is N, 1 to P.</param>
    /// <param name="scores">Receives their scores h·β_a [≥ N].</param>
    /// <param name="scope">What is left out, and how long it may take.</param>
    /// <returns>As for a context. Where shards of the history have not answered in half of the time, the context is the mean over the
    /// others' items (<see cref="ShardedAnswer.MissingHistory"/>); where none of them has, nothing is recommended.</returns>
    /// <exception cref="ArgumentException">As for a context.</exception>
    public ShardedAnswer RecommendTo(ReadOnlySpan<int> history, Span<int> items, Span<float> scores, ShardedScope scope = default)
    {
        long deadline = DeadlineOf(scope);
        CheckRoom(items, scores);
        CheckItems(scope.Excluded, "to be left out", nameof(scope));
        CheckItems(history, "in the history", nameof(history));
        ShardGather gather = RentGather();
        ulong missing = SetHistory(gather, history, deadline, out int known);
        ShardedAnswer answer = known == 0 && history.Length > 0
            ? new ShardedAnswer(0, ulong.MaxValue >> (ShardPlace.MostShards - _shards.Length), missing, 0, ItemCount)
            : Search(gather, items, scores, scope, deadline) with { MissingHistory = missing };
        Return(gather);
        return answer;
    }

    /// <summary>Disposes of the shards, where they are its own. Requests that run are given what there is.</summary>
    public void Dispose()
    {
        if (!_ownsShards)
            return;

        // All are told first, so that they end at the same time.
        foreach (ShardClient client in _shards.OfType<ShardClient>())
            client.Stop();
        foreach (IShard shard in _shards)
            shard.Dispose();
    }

    private ulong SetHistory(ShardGather gather, ReadOnlySpan<int> history, long deadline, out int known)
    {
        Array.Clear(gather.Context);
        known = 0;
        if (history.IsEmpty)
            return 0;
        long now = Stopwatch.GetTimestamp(), half = now + ((deadline - now) / 2);
        gather.Begin();
        foreach (int item in history)
        {
            int shard = ShardOf(item);
            gather.Ask(shard, ShardOperation.Sum, 0, half).Add(item - _shards[shard].Place.First);
        }

        Run(gather, half);
        for (int shard = 0; shard < _shards.Length; shard++)
        {
            if (gather.Answer(shard) is not { } sum)
                continue;
            TensorPrimitives.Add(gather.Context, sum.Context, gather.Context);
            known += sum.Items.Length;
        }

        if (known > 1)
            TensorPrimitives.Divide(gather.Context, known, gather.Context);
        return gather.Missing;
    }

    private ShardedAnswer Search(ShardGather gather, Span<int> items, Span<float> scores, ShardedScope scope, long deadline)
    {
        gather.Begin();
        for (int shard = 0; shard < _shards.Length; shard++)
            gather.Context.CopyTo(gather.Ask(shard, ShardOperation.Search, Math.Min(items.Length, _shards[shard].Place.Count), deadline).Context);
        foreach (int item in scope.Excluded)
        {
            int shard = ShardOf(item);
            gather.Ask(shard, ShardOperation.Search, 0, deadline).Add(item - _shards[shard].Place.First);
        }

        Run(gather, deadline);
        int searched = 0;
        for (int shard = 0; shard < _shards.Length; shard++)
            searched += gather.Answer(shard) is null ? 0 : _shards[shard].Place.Count;
        return new ShardedAnswer(Merge(gather, items, scores), gather.Missing, 0, searched, ItemCount);
    }

    /// <summary>Merges what was found, best first.</summary>
    private int Merge(ShardGather gather, Span<int> items, Span<float> scores)
    {
        int[] heads = gather.Heads;
        Array.Clear(heads);
        for (int rank = 0; rank < items.Length; rank++)
        {
            (ulong best, int from) = (0, -1);
            for (int shard = 0; shard < _shards.Length; shard++)
            {
                if (gather.Answer(shard) is not { } answer || heads[shard] >= answer.Found)
                    continue;
                ulong key = ScoredItem.Key(answer.FoundScores[heads[shard]], answer.FoundItems[heads[shard]] + _shards[shard].Place.First);
                if (from < 0 || key > best)
                    (best, from) = (key, shard);
            }

            if (from < 0)
                return rank;
            (items[rank], scores[rank]) = (ScoredItem.Item(best), gather.Answer(from)!.FoundScores[heads[from]]);
            heads[from]++;
        }

        return items.Length;
    }
}
