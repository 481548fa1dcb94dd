using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.ClosedLoop;

/// <summary>What a service writes down: context, item served, its propensity at that moment, and whether it was clicked.</summary>
internal sealed class DecisionLog(int dimension, int catalogue)
{
    private readonly List<float> _contexts = [];
    private readonly List<int> _items = [];
    private readonly List<double> _propensities = [];
    private readonly List<double> _rewards = [];

    public int Count => _items.Count;

    public void Add(ReadOnlySpan<float> context, in ExploredItem served, bool clicked)
    {
        _contexts.AddRange(context);
        _items.Add(served.Item);
        _propensities.Add(served.Propensity);
        _rewards.Add(clicked ? 1 : 0);
    }

    /// <summary>X [N, L], the caller's.</summary>
    public Matrix Contexts()
    {
        Matrix contexts = new(Count, dimension);
        float[] all = [.. _contexts];
        for (int row = 0; row < Count; row++)
            all.AsSpan(row * dimension, dimension).CopyTo(contexts.Row(row));
        return contexts;
    }

    /// <summary>Actions, propensities and rewards.</summary>
    public LoggedFeedback Feedback() => new([.. _items], [.. _propensities], [.. _rewards], catalogue);
}
