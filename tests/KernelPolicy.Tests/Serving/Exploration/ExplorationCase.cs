using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.Serving.Exploration;

/// <summary>One query over a catalogue with normal scores of a given spread, the top K that an exact index would find, and what may
/// be shown.</summary>
internal sealed unsafe class ExplorationCase : IDisposable
{
    private const int Dimension = 7;

    private readonly Matrix _h;

    public ExplorationCase(int items, double spread, int seed = 1, IEnumerable<int>? banned = null, int[]? excluded = null)
    {
        Items = Seeded.Matrix(seed, items, Dimension, spread / Math.Sqrt(Dimension));
        _h = Seeded.Matrix(seed + 1000, 1, Dimension);
        Excluded = excluded ?? [];
        Filter = banned is null ? null : ItemFilter.Ban(items, banned.ToArray());
        int[] all = [.. Enumerable.Range(0, items)];
        SingleScores = new float[items];
        RowScores.Gather(_h.Pointer, Items, all, SingleScores);
        Scores = [.. all.Select(a => Seeded.Wide(Items.Row(a)).Zip(Seeded.Wide(_h.Row(0)), (x, y) => x * y).Sum())];
        Eligible = [.. all.Where(a => (Filter is null || Filter.Allows(a)) && !Excluded.Contains(a))];
    }

    public Matrix Items { get; }

    public int Count => (int)Items.Rows;

    public int[] Excluded { get; }

    public ItemFilter? Filter { get; }

    /// <summary>f in double precision.</summary>
    public double[] Scores { get; }

    /// <summary>f as the kernels compute it.</summary>
    public float[] SingleScores { get; }

    /// <summary>The items that may be shown.</summary>
    public int[] Eligible { get; }

    public float* Query => _h.Pointer;

    public ReadOnlySpan<float> H => _h.PaddedRow(0);

    /// <summary>The policy over all items: 0 where an item may not be shown.</summary>
    public double[] Policy(double temperature = 1)
    {
        double[] weights = Softmax.Weights([.. Eligible.Select(a => Scores[a] / temperature)]), policy = new double[Count];
        for (int i = 0; i < weights.Length; i++)
            policy[Eligible[i]] = weights[i];
        return policy;
    }

    /// <summary>ln Z over what may be shown.</summary>
    public double LogZ(double temperature = 1) => Softmax.LogSumExp([.. Eligible.Select(a => Scores[a] / temperature)]);

    /// <summary>The top K as an index would find it: among what the filter allows, where it knows the filter.</summary>
    public int[] Top(int k, bool filtered = true) =>
    [
        .. Enumerable.Range(0, Count).Where(a => !filtered || Filter is null || Filter.Allows(a))
            .OrderByDescending(a => SingleScores[a]).ThenBy(a => a).Take(k),
    ];

    public float[] ScoresOf(int[] items) => [.. items.Select(a => SingleScores[a])];

    /// <summary>Slates of many requests.</summary>
    public IEnumerable<(ExploredItem[] Slate, ExplorationReport Report)> Run(
        ExplorationOptions options, int[] head, int places, int requests, ulong seed = 5)
    {
        float[] scores = ScoresOf(head);
        var explorer = new Explorer(Items, options with { Seed = seed }, head.Length, places, Excluded.Length);
        var slate = new ExploredItem[places];
        for (int request = 0; request < requests; request++)
        {
            ExplorationReport report = explorer.Explore(H, head, scores, Excluded, Filter, request, slate);
            yield return (slate[..report.Count], report);
        }
    }

    public void Dispose()
    {
        Items.Dispose();
        _h.Dispose();
    }
}
