namespace KernelPolicy.ClosedLoop;

/// <summary>The size of the world and of the loop.</summary>
internal sealed record LoopOptions
{
    /// <summary>P.</summary>
    public int Items { get; init; } = 2000;

    /// <summary>L.</summary>
    public int Dimension { get; init; } = 8;

    /// <summary>Policies served one after another, the first of them untrained.</summary>
    public int Rounds { get; init; } = 4;

    /// <summary>Requests a round.</summary>
    public int Requests { get; init; } = 10_000;

    /// <summary>Of the world, its users and clicks, the draws and the training.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Passes over the log a training.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>T, at which policies serve: how greedy they are.</summary>
    public double Temperature { get; init; } = 0.25;

    /// <summary>Adam's α.</summary>
    public double LearningRate { get; init; } = 0.02;
}
