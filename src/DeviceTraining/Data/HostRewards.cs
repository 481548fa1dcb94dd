using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>
/// Rewards that only the host can compute, for the draws of a batch: the draws are copied to the host and their rewards
/// back, once each way a step, and the device waits.
/// </summary>
internal sealed class HostRewards : IDisposable
{
    /// <summary>What it costs, for people.</summary>
    public const string Remark = "rewards are computed on the host: a step copies the draws there and their rewards back";

    private readonly IRewardSource _source;
    private readonly int _samples;
    private readonly DeviceArray<float> _rewards;
    private readonly int[] _hostItems;
    private readonly float[] _hostRewards;

    /// <summary>Reserves room for S draws of each of B contexts.</summary>
    public HostRewards(ComputeDevice device, IRewardSource source, int batchSize, int samples)
    {
        (_source, _samples) = (source, samples);
        int count = checked(batchSize * samples);
        _hostItems = new int[count];
        _hostRewards = new float[count];
        _rewards = new DeviceArray<float>(device, count);
    }

    /// <summary>The rewards of draws that are on the device.</summary>
    /// <param name="contexts">The contexts of the batch.</param>
    /// <param name="draws">Their draws [B, S], as proposals give them.</param>
    public GivenRewards Of(ReadOnlySpan<int> contexts, DeviceArray<int> draws)
    {
        Span<int> items = _hostItems.AsSpan(0, contexts.Length * _samples);
        draws.Download(items);
        for (int i = 0; i < items.Length; i++)
            items[i] = Math.Max(items[i], ~items[i]);
        return Fill(contexts);
    }

    /// <summary>The rewards of all items, S being P.</summary>
    /// <param name="contexts">The contexts of the batch.</param>
    public GivenRewards OfAll(ReadOnlySpan<int> contexts)
    {
        for (int i = 0; i < contexts.Length * _samples; i++)
            _hostItems[i] = i % _samples;
        return Fill(contexts);
    }

    /// <inheritdoc/>
    public void Dispose() => _rewards.Dispose();

    private GivenRewards Fill(ReadOnlySpan<int> contexts)
    {
        for (int position = 0; position < contexts.Length; position++)
        {
            _source.Fill(
                contexts[position],
                _hostItems.AsSpan(position * _samples, _samples),
                _hostRewards.AsSpan(position * _samples, _samples));
        }

        _rewards.Upload(_hostRewards.AsSpan(0, contexts.Length * _samples));
        return new GivenRewards(_rewards.View, _samples);
    }
}
