using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>
/// Strata over a catalogue that lies in shards: each rank sums its own head and draws its own tail, and one reduction [B, 2 L + 2] a batch
/// joins them, so that every rank has the same g, bit for bit.
/// </summary>
/// <remarks>
/// <para>Every rank estimates all contexts of a batch. Ẑ and the numerators of r̄, E_π[β] and E_π[r β] are sums over the catalogue, and hence
/// over shards (<see cref="StrataJoin"/>): the estimate is that of one process with the same heads and draws, but that a draw stands for
/// (P_s − |H_s|)/l'_s items of its own shard s.</para>
/// <para>K and l are the catalogue's: what a shard makes of them says <see cref="OfShard"/>. Each shard draws by a seed of its own, rank 0
/// by the one that is given; a rank alone makes the estimates of the estimator that it wraps.</para>
/// <para>Its statistics are of two kinds: the reward is that of the catalogue; sample sizes, weights, errors and counts are those of
/// this rank's shard, as if there were no other.</para>
/// <para>Collective, like its communicator. Not thread-safe. Allocates nothing per batch after the first.</para>
/// </remarks>
public sealed class ShardedStrataEstimator : IGradientEstimator
{
    private readonly IGradientEstimator _local;
    private readonly ShardedHistoryContexts? _contexts;
    private readonly Matrix _parts;
    private readonly StrataJoin _join;
    private readonly int _dimension;
    private readonly string _description;

    /// <summary>Makes the estimator of one rank.</summary>
    /// <param name="communicator">The ranks; it stays the caller's.</param>
    /// <param name="setting">β of this rank's items, their rewards (<see cref="ShardRewards"/>), and what is the same on all ranks: batch size,
    /// seed.</param>
    /// <param name="options">The strata of the whole catalogue.</param>
    /// <param name="index">The index over this rank's items; null where K is 0. It stays the caller's.</param>
    /// <param name="contexts">The contexts, where they are summed over ranks: what they have under way goes on at this one's
    /// reductions.</param>
    /// <exception cref="ArgumentException">A parameter is out of range, or asks for what shards cannot do: an objective other than the
    /// expected reward, a budget, heads that are reused, items that learn.</exception>
    public ShardedStrataEstimator(
        ICommunicator communicator, EstimatorSetting setting, StrataOptions options, IMipsIndex? index = null, ShardedHistoryContexts? contexts = null)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        ArgumentNullException.ThrowIfNull(setting);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        setting.Validate();
        Check(setting, options);
        _dimension = setting.Items.Columns;
        _contexts = contexts;
        _parts = new Matrix(setting.BatchSize, StrataJoin.WidthOf(_dimension));
        _local = GradientEstimators.Create(
            OfShard(options, communicator.Size), setting with { Seed = SeedOf(setting.Seed, communicator.Rank), Parts = _parts },
            options.TopK > 0 ? index : null);
        _join = new StrataJoin(communicator, setting.BatchSize, _dimension);
        // Draws depend on the number of shards, and so do estimates; but a training goes on with any number, whatever the shards' indexes.
        _description = string.Create(
            CultureInfo.InvariantCulture,
            $"strata/K={options.TopK}/l={options.Tail}/{options.Sharing}{(options.Control ? "/control" : "")}/{communicator.Size} shards/{(options.TopK > 0 ? index!.Description : "none")}");
    }

    /// <inheritdoc/>
    public string Name => _local.Name;

    /// <inheritdoc/>
    public string Description => _description;

    /// <inheritdoc/>
    public TrainingObjective Objective => _local.Objective;

    /// <inheritdoc/>
    public BatchStatistics Statistics { get; private set; }

    /// <summary>None: a trainer cannot audit an index over a shard.</summary>
    public IMipsIndex? Index => null;

    /// <summary>K_s, items that this rank asks its own index for.</summary>
    public int RetrievedItems => _local.RetrievedItems;

    /// <summary>What one batch sends from this rank to others.</summary>
    public RankTraffic Cost => _join.Cost;

    /// <summary>Seconds of all batches in their reductions, waiting for slower ranks included.</summary>
    public double JoinSeconds { get; private set; }

    /// <summary>What one shard of n makes of the strata of a catalogue.</summary>
    /// <remarks>
    /// <para>K_s = ⌈K/n + 3 √(K/n)⌉, at most K. Of the top K of a catalogue in no order a shard has a binomial number, K/n on average and
    /// √(K/n) of spread: with three of these more it has them all, and where order has put more of them there the tail's draws stand for
    /// what is missed.</para>
    /// <para>l_s = ⌈l/n⌉, so that a tail that is the whole catalogue is each shard's whole.</para>
    /// </remarks>
    /// <param name="options">K and l of the catalogue.</param>
    /// <param name="ranks">n.</param>
    public static StrataOptions OfShard(StrataOptions options, int ranks)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        if (ranks == 1)
            return options;
        double share = (double)options.TopK / ranks;
        return options with
        {
            TopK = Math.Min(options.TopK, (int)Math.Ceiling(share + (3 * Math.Sqrt(share)))),
            Tail = (int)((options.Tail + (long)ranks - 1) / ranks),
        };
    }

    /// <summary>The seed by which a rank draws.</summary>
    /// <param name="seed">The training's, which is that of rank 0.</param>
    /// <param name="rank">Which rank.</param>
    public static ulong SeedOf(ulong seed, int rank) => unchecked(seed + ((ulong)rank * 0x9E3779B97F4A7C15UL));

    /// <inheritdoc/>
    public void Estimate(EstimatorBatch batch, Matrix gradients)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(gradients);
        _local.Estimate(batch, gradients);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < batch.Count; i++)
            _parts.Row(i).CopyTo(_join.Own(i));
        _contexts?.Advance();
        _join.Run();
        double reward = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            // g = E_π[r β] − r̄ E_π[β].
            ReadOnlySpan<float> joined = _join.Joined(i);
            reward += joined[1];
            TensorPrimitives.MultiplyAdd(joined.Slice(2, _dimension), -joined[1], joined[(2 + _dimension)..], gradients.Row(i));
        }

        JoinSeconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        Statistics = _local.Statistics with { MeanReward = batch.Count == 0 ? double.NaN : reward / batch.Count };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _local.Dispose();
        _join.Dispose();
        _parts.Dispose();
    }

    private static void Check(EstimatorSetting setting, StrataOptions options)
    {
        if (!setting.Objective.IsDefault)
            throw new ArgumentException("Shards are joined for the expected reward alone: no log-likelihood, no pull to a reference.", nameof(setting));
        if (setting.Coefficients is not null)
            throw new ArgumentException("Items that lie in shards stay as they are: no rank has the coefficients by which all would learn.", nameof(setting));
        if (setting.Parts is not null)
            throw new ArgumentException("The table of parts is the estimator's own; leave it null.", nameof(setting));
        if (options.RelativeError is not null)
            throw new ArgumentException("A budget would lengthen the tail of one shard and not of another: leave the relative error null.", nameof(options));
        if (options.Reuse != HeadReuse.None)
            throw new ArgumentException($"Heads of shards are not kept from visit to visit: reuse must be {HeadReuse.None}, not {options.Reuse}.", nameof(options));
    }
}
