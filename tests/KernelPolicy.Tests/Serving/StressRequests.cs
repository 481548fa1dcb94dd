using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Tests.Serving;

/// <summary>One thread's requests in a stress test, of each kind in turn, and what must hold of their answers.</summary>
internal sealed class StressRequests(int self, RecommenderHost host, StressCase[] cases, BanTimes bans, HashSet<int> contested)
{
    /// <summary>Vectors, histories, left out, allowed, batches, explored by softmax, by ε for a history.</summary>
    public const int Kinds = 7;

    private const int N = 10;
    private static readonly WorkerTeam s_team = new(2);
    private static readonly ExplorationOptions s_softmax = new() { Kind = ExplorationKind.Softmax, Temperature = 0.5, TailDraws = 32 };
    private static readonly ExplorationOptions s_greedy = new() { Kind = ExplorationKind.EpsilonGreedy, Epsilon = 0.3 };

    private readonly int[] _items = new int[N];
    private readonly float[] _scores = new float[N];
    private readonly ExploredItem[] _slate = new ExploredItem[N];
    private readonly TopK _batch = new(3, N);
    private readonly SparseRows _histories = SparseRows.FromLists([.. Enumerable.Range(StressCase.Contexts, 3).Select(StressCase.History)]);
    private readonly int[] _excluded = [.. cases[0].Ranked[0].Take(5), .. cases[1].Ranked[3].Where(item => item < 400).Take(5)];
    private readonly int[] _allowed = [.. Enumerable.Range(0, 400).Where(item => item % 5 == self % 5)];
    private readonly int[] _times = new int[bans.Count];
    private long _number;

    public long[] Asked { get; } = new long[Kinds];

    /// <summary>How many times an item was banned at a request that would have been given it.</summary>
    public long Banned { get; private set; }

    /// <summary>Asks once, and throws where an answer is wrong.</summary>
    public void Ask()
    {
        int kind = (int)(_number % Kinds);
        int question = (int)((_number++ + self) % StressCase.Contexts), history = StressCase.Contexts + (question % 6);
        bans.CopyTo(_times);
        using RecommenderLease lease = host.Acquire();
        Recommender recommender = lease.Recommender;
        switch (kind)
        {
            case 0:
                Check(recommender, question, recommender.Recommend(StressCase.Context(question), _items, _scores), _items, _scores);
                break;
            case 1:
                Check(recommender, history, recommender.RecommendTo(StressCase.History(history), _items, _scores), _items, _scores);
                break;
            case 2:
                int found = recommender.Recommend(
                    StressCase.Context(question), _items, _scores, new RecommendationScope { Excluded = _excluded });
                Check(recommender, question, found, _items, _scores, item => !_excluded.Contains(item));
                break;
            case 3:
                ItemFilter filter = ItemFilter.Allow(400, _allowed);
                found = recommender.Recommend(StressCase.Context(question), _items, _scores, new RecommendationScope { Allowed = filter });
                Check(recommender, question, found, _items, _scores, item => item % 5 == self % 5 && item < 400);
                break;
            case 4:
                recommender.RecommendTo(_histories, N, _batch, s_team);
                for (int row = 0; row < 3; row++)
                    Check(recommender, StressCase.Contexts + row, _batch.Items(row).Length, _batch.Items(row), _batch.Scores(row));
                break;
            case 5:
                Check(recommender, question, recommender.Explore(StressCase.Context(question), _slate, s_softmax, (ulong)_number));
                break;
            default:
                Check(recommender, history, recommender.ExploreFor(StressCase.History(history), _slate, s_greedy, (ulong)_number));
                break;
        }

        Asked[kind]++;
    }

    private void Check(
        Recommender recommender, int question, int found, ReadOnlySpan<int> items, ReadOnlySpan<float> scores, Func<int, bool>? mayBe = null)
    {
        StressCase from = cases[recommender.Facts["seed"] == "1" ? 0 : 1];
        Require(found == N, $"{found} items found");
        for (int rank = 0; rank < found; rank++)
        {
            Require(rank == 0 || scores[rank] <= scores[rank - 1], $"place {rank} scores more than the one before");
            Require(!items[..rank].Contains(items[rank]), $"item {items[rank]} comes twice");
            Require(mayBe is null || mayBe(items[rank]), $"item {items[rank]} may not be recommended");
            CheckItem(recommender, from, question, items[rank], scores[rank]);
        }

        // None better is missing that nobody bans; the best that are banned count what was checked.
        foreach (int item in from.Ranked[question])
        {
            if (from.ScoreOf(question, item) < scores[found - 1] + (2 * StressCase.Tolerance))
                break;
            if (items[..found].Contains(item) || mayBe?.Invoke(item) == false)
                continue;
            Require(contested.Contains(item), $"item {item} of score {from.ScoreOf(question, item)} is missing");
            Banned++;
        }
    }

    private void Check(Recommender recommender, int question, ExplorationReport report)
    {
        StressCase from = cases[recommender.Facts["seed"] == "1" ? 0 : 1];
        Require(report.Count == N, $"{report.Count} items explored");
        for (int place = 0; place < N; place++)
        {
            ExploredItem one = _slate[place];
            Require(one.Propensity is > 0 and <= 1 + 1e-9, $"a propensity of {one.Propensity}");
            Require(_slate.Take(place).All(before => before.Item != one.Item), $"item {one.Item} comes twice");
            CheckItem(recommender, from, question, one.Item, one.Score);
        }
    }

    private void CheckItem(Recommender recommender, StressCase from, int question, int item, float score)
    {
        double expected = from.ScoreOf(question, recommender.IdOf(item));
        Require(Math.Abs(score - expected) < StressCase.Tolerance, $"item {item} has score {score}, not {expected}");
        Require(item >= bans.Count || !bans.WasBannedSince(item, _times), $"item {item} was banned before");
    }

    private void Require(bool isSo, string otherwise)
    {
        if (!isSo)
            throw new InvalidOperationException($"Request {_number} of thread {self}: {otherwise}.");
    }
}
