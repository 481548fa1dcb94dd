using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Distributed;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Ranks;

/// <summary>The ranks of a training, of which this process is one; a training by itself is a rank alone.</summary>
internal sealed class TrainingRanks : IDisposable
{
    private readonly SpreadChoice _choice;
    private readonly bool _isSpread;
    private readonly Action<string> _note;
    private readonly RankPace _pace;
    private readonly string _hosts;

    private TrainingRanks(SpreadChoice choice, ICommunicator communicator, bool isSpread, IRunProgress progress)
    {
        (_choice, Communicator, _isSpread, _note) = (choice, communicator, isSpread, progress.Note);
        IReadOnlyList<string> hosts = RankAgreement.Texts(communicator, communicator.Host);
        _hosts = string.Join(", ", hosts.GroupBy(host => host).Select(host => $"{host.Key} ({host.Count()})"));
        _pace = new RankPace(hosts, IsFirst ? progress.Note : _ => { });
        Group = new RankGroup(communicator, _pace);
    }

    /// <summary>What carries bytes between them.</summary>
    public ICommunicator Communicator { get; }

    /// <summary>Them, for a trainer.</summary>
    public RankGroup Group { get; }

    /// <summary>n.</summary>
    public int Count => Communicator.Size;

    /// <summary>Whether this is rank 0, which reads what all need, measures and writes files.</summary>
    public bool IsFirst => Communicator.Rank == 0;

    /// <summary>contexts, items or none.</summary>
    public string Spread => !_isSpread ? SpreadChoice.None : HasShardsOfItems ? SpreadChoice.Items : SpreadChoice.Contexts;

    /// <summary>Whether each rank has a shard of the items, and all work on all contexts.</summary>
    public bool HasShardsOfItems => _choice.Kind == SpreadChoice.Items;

    /// <summary>S, once <see cref="Divide"/> has been asked.</summary>
    public int Shares { get; private set; } = 1;

    /// <summary>The exchange of gradients; null where there is none.</summary>
    public SpreadGradient? Exchange { get; private set; }

    /// <summary>Joins the ranks that mpirun has started.</summary>
    /// <param name="choice">What was asked for.</param>
    /// <param name="device">Where steps are to run.</param>
    /// <param name="checkpoint">The checkpoint that the training goes on from; null for none.</param>
    /// <param name="progress">Told of them, and of ranks that are slow.</param>
    /// <exception cref="MpiUnavailableException">There is no Open MPI, and ranks are asked for.</exception>
    /// <exception cref="ArgumentException">mpirun has started ranks that are to do nothing, or a device is asked for.</exception>
    public static TrainingRanks Open(SpreadChoice choice, DeviceChoice device, string? checkpoint, IRunProgress progress)
    {
        int started = MpiEnvironment.Ranks;
        if (choice.Kind == SpreadChoice.None && started > 1)
            throw new ArgumentException($"mpirun has started {started} ranks, but --spread none is for one: each would do the same.");
        bool onRanks = started > 1 || choice.Kind is SpreadChoice.Contexts or SpreadChoice.Items;
        // A training in several shares stays one, on whatever goes on with it.
        bool isSpread = onRanks || (choice.Shares ?? (File.Exists(checkpoint) ? TrainingCheckpoint.SharesOf(checkpoint) : 1)) > 1;
        if (isSpread && device.Kind is not (DeviceChoice.Auto or DeviceChoice.Simd))
            throw new ArgumentException($"Ranks train on processors: leave out --device {device.Kind}.");
        if (!onRanks)
            return new TrainingRanks(choice, LocalRanks.Solo(), isSpread, progress);
        progress.Begin("ranks");
        TrainingRanks ranks = new(choice, MpiCommunicator.Start(), isSpread, progress);
        try
        {
            ranks.Meet(progress);
        }
        catch
        {
            ranks.Dispose();
            throw;
        }

        return ranks;
    }

    /// <summary>Throws, on every rank, where a text is not the same on all.</summary>
    /// <param name="what">What it says, for the message.</param>
    /// <param name="text">This rank's.</param>
    /// <exception cref="RankFailedException">It is not.</exception>
    public void RequireSame(string what, string text) =>
        RankAgreement.Check(Communicator, what, text, "Give all of them the same.");

    /// <summary>Where their steps run: ranks train on processors.</summary>
    public DeviceChoice Place(DeviceChoice device) => _isSpread ? device with { Kind = DeviceChoice.Simd } : device;

    /// <summary>Divides the contexts among the ranks.</summary>
    /// <param name="total">N.</param>
    /// <param name="checkpoint">The checkpoint to go on from, whose shares are taken where no others are asked for; null for none.</param>
    public ContextShares Divide(int total, string? checkpoint)
    {
        if (HasShardsOfItems)
            return ContextShares.Whole(total);
        double kept = IsFirst && checkpoint is not null && File.Exists(checkpoint) ? TrainingCheckpoint.SharesOf(checkpoint) : 0;
        int known = (int)Group.Sum(kept);
        Shares = _choice.Shares ?? Math.Max(known, Count);
        if (Shares < Count)
            throw new ArgumentException($"--shares {Shares} are too few for {Count} ranks: each holds one at least.");
        if (known > 0 && known != Shares)
            _note($"contexts were in {known} shares and are now in {Shares}: steps are of other sizes than before, and the epoch goes on where it stood");
        return new ContextShares(total, Shares, Count, Communicator.Rank);
    }

    /// <summary>The contexts of an evaluation that this rank takes; null where there are fewer than ranks.</summary>
    public ContextShares? Part(int total)
    {
        int parts = Math.Min(Count, total);
        return Communicator.Rank < parts ? new ContextShares(total, parts, parts, Communicator.Rank) : null;
    }

    /// <summary>How the steps of these ranks join their gradients; null where the training is by itself.</summary>
    /// <param name="dimension">L.</param>
    public SpreadGradient? Join(int dimension) =>
        Count == 1 ? null : Exchange = new SpreadGradient(Communicator, Group, dimension, _pace);

    /// <summary>By which queries heads are retrieved.</summary>
    public HeadTiming Heads(IGradientEstimator estimator, ItemLearning items) => _choice.Heads
        ?? (Shares > 1 && items is FrozenItems && estimator is IAheadRetrieval { RetrievesAhead: true } ? HeadTiming.StepBefore : HeadTiming.SameStep);

    /// <summary>Gives every rank rank 0's table.</summary>
    /// <param name="make">Makes it, on rank 0 alone.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    public Matrix FromFirst(Func<Matrix> make, long rows, int columns)
    {
        Matrix table = IsFirst ? make() : new Matrix(rows, columns);
        RankTables.FromFirst(Communicator, table);
        return table;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Exchange?.Dispose();
        Group.Dispose();
        Communicator.Dispose();
    }

    private void Meet(IRunProgress progress)
    {
        RankAgreement.Check(
            Communicator, "their version", $"{typeof(Trainer).Assembly.GetName().Version}", "Install the same one on every machine.");
        RankAgreement.Check(
            Communicator, "vector width", $"{SimdPath.Width}",
            "Their sums would be rounded in another way: set KERNELPOLICY_SIMD_WIDTH to what all of them have, with mpirun -x KERNELPOLICY_SIMD_WIDTH=256.");
        progress.End($"{Count} on {_hosts}; {Communicator.Carrier}");
    }
}
