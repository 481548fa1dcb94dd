using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The gradient in h that an objective has for one context, by items a_j with weights w̄_j that estimate E_π: g = Σ_j c_j β_{a_j}.
/// </summary>
/// <remarks>
/// With δ_j = (h − h_ref)·β_{a_j}:
/// <para>expected reward: c_j = w̄_j (ρ_j − Σ w̄ρ), ρ = r − λδ;</para>
/// <para>log-likelihood: Σ_Y r_a β_a exactly over the rewarded items, and c_j = w̄_j (ρ_j − Σ w̄ρ − Σ_Y r), ρ = −λδ.</para>
/// Not thread-safe: one a worker. Allocates nothing after construction.
/// </remarks>
internal sealed unsafe class ObjectiveTerms
{
    private readonly EstimatorSetting _setting;
    private readonly RewardedItemsSum? _rewarded;
    private readonly float[] _drifts;
    private readonly float _klWeight;

    /// <summary>Makes room for <paramref name="capacity"/> items of a context.</summary>
    public ObjectiveTerms(EstimatorSetting setting, int capacity)
    {
        _setting = setting;
        _klWeight = (float)setting.Objective.KlWeight;
        _drifts = _klWeight > 0 ? new float[capacity] : [];
        _rewarded = setting.Objective.Kind == ObjectiveKind.LogLikelihood ? new RewardedItemsSum(setting.Rewards) : null;
    }

    /// <summary>Adds g of one context to <paramref name="g"/>.</summary>
    /// <param name="context">Which context.</param>
    /// <param name="drift">h − h_ref, padded; read where λ is above 0.</param>
    /// <param name="items">a_j [n].</param>
    /// <param name="weights">w̄_j [n], summing to 1; receives c_j.</param>
    /// <param name="rewards">Room for n numbers; overwritten.</param>
    /// <param name="g">The sum, padded.</param>
    /// <returns>Σ w̄ r, the estimate of E_π[r̂] without any pull to a reference.</returns>
    public double Add(int context, float* drift, ReadOnlySpan<int> items, Span<float> weights, Span<float> rewards, float* g)
    {
        _setting.Rewards.Fill(context, items, rewards);
        float mean;
        if (_rewarded is null && _klWeight == 0)
        {
            mean = ImportanceWeights.ToCovarianceCoefficients(weights, rewards);
        }
        else
        {
            mean = TensorPrimitives.Dot<float>(weights, rewards);
            float total = 0;
            if (_rewarded is not null)
            {
                total = (float)_rewarded.AddLogLikelihood(_setting.Items, _setting.Rewards, context, g);
                rewards.Clear();
            }

            AddPull(drift, items, rewards);
            ImportanceWeights.ToCovarianceCoefficients(weights, rewards, total);
        }

        WeightedRows.Accumulate(_setting.Items, items, weights, g);
        return mean;
    }

    /// <summary>Adds −λ (h − h_ref)·β_a to the reward of each item; nothing where λ is 0.</summary>
    public void AddPull(float* drift, ReadOnlySpan<int> items, Span<float> rewards)
    {
        if (_klWeight == 0)
            return;
        Span<float> drifts = _drifts.AsSpan(0, items.Length);
        RowScores.Gather(drift, _setting.Items, items, drifts);
        TensorPrimitives.MultiplyAdd(drifts, -_klWeight, rewards, rewards);
    }
}
