namespace KernelPolicy.Policy;

/// <summary>Trainings that are one, spread over ranks: each has a <see cref="Trainer"/> of its own, all take the same steps, and Θ is the
/// same on all.</summary>
/// <remarks>All calls are collective: every rank makes the same in the same order. Rank 0 holds share 0 of the contexts, audits, and writes
/// checkpoints.</remarks>
public interface ITrainingGroup
{
    /// <summary>Number of this rank.</summary>
    int Rank { get; }

    /// <summary>n, number of ranks.</summary>
    int Size { get; }

    /// <summary>Whether all ranks stop before a step: true on every rank, some steps at the latest after one has asked.</summary>
    /// <param name="stepsDone">Steps done.</param>
    /// <param name="isAsked">Whether this rank is asked to stop.</param>
    bool StopsBefore(long stepsDone, bool isAsked);

    /// <summary>The sum over ranks, added in their order.</summary>
    double Sum(double value);

    /// <summary>Gives all ranks what rank 0 has.</summary>
    void Broadcast(Span<byte> values);
}

/// <summary>A training by itself.</summary>
internal sealed class SoloTraining : ITrainingGroup
{
    public static readonly SoloTraining Instance = new();

    public int Rank => 0;

    public int Size => 1;

    public bool StopsBefore(long stepsDone, bool isAsked) => isAsked;

    public double Sum(double value) => value;

    public void Broadcast(Span<byte> values)
    {
    }
}

/// <summary>Another rank of a training could not do its part.</summary>
/// <param name="message">Which.</param>
public sealed class TrainingGroupException(string message) : Exception(message);
