using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>How a training is laid out on a device.</summary>
public sealed record DeviceTrainingOptions
{
    /// <summary>The largest K for which a device scans; an index on the host finds more.</summary>
    public const int MostScannedK = ItemScanFactory.MostK;

    /// <summary>The largest number of contexts a step, B.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Constants of Adam.</summary>
    public AdamOptions Adam { get; init; } = new();

    /// <summary>Seed of the draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How β is kept.</summary>
    public ItemPrecision Precision { get; init; } = ItemPrecision.Single;

    /// <summary>The index on the host that is asked for a top K; null lets the device score every item. Methods that need no
    /// top K ask neither.</summary>
    public IMipsIndex? Index { get; init; }

    /// <summary>What is made large: the expected reward, which is all that a device's estimators know.</summary>
    public TrainingObjective Objective { get; init; } = TrainingObjective.ExpectedReward;

    /// <summary>The same values as a training's.</summary>
    public static DeviceTrainingOptions Of(TrainingOptions training)
    {
        ArgumentNullException.ThrowIfNull(training);
        return new DeviceTrainingOptions { BatchSize = training.BatchSize, Adam = training.Adam, Seed = training.Seed };
    }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    /// <exception cref="NotSupportedException">The objective is another than the expected reward.</exception>
    public void Validate()
    {
        if (BatchSize is < 1 or > 1 << 20)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), BatchSize, "B must lie in 1 to 1,048,576.");
        ArgumentNullException.ThrowIfNull(Adam);
        Adam.Validate();
        if (!Enum.IsDefined(Precision))
            throw new ArgumentOutOfRangeException(nameof(Precision), Precision, "There is no such precision.");
        ArgumentNullException.ThrowIfNull(Objective);
        Objective.Validate();
        if (!Objective.IsDefault)
        {
            throw new NotSupportedException(
                $"A device maximises the expected reward only, not the objective {Objective.Description.TrimStart('/')}: train on the processor.");
        }
    }
}
