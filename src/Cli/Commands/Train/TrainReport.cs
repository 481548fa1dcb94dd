using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>What a training brought, as --json and report.json write it. Rewards are those of recommending one item;
/// where a figure is not known it is null.</summary>
internal sealed record TrainReport
{
    /// <summary>P.</summary>
    public required int Items { get; init; }

    /// <summary>Users, all parts together.</summary>
    public required int Users { get; init; }

    /// <summary>Distinct (user, item) pairs.</summary>
    public required long Interactions { get; init; }

    /// <summary>Users trained on.</summary>
    public required int TrainUsers { get; init; }

    /// <summary>Users watched while training.</summary>
    public required int ValidationUsers { get; init; }

    /// <summary>Users for the test.</summary>
    public required int TestUsers { get; init; }

    /// <summary>L.</summary>
    public required int Dim { get; init; }

    /// <summary>exact, reinforce, uniform or mixture.</summary>
    public required string Estimator { get; init; }

    /// <summary>Its parameters.</summary>
    public required string EstimatorSettings { get; init; }

    /// <summary>What was made large, in words.</summary>
    public required string Objective { get; init; }

    /// <summary>Where steps were to run: auto, simd, opencl, cuda or cpu-accelerator.</summary>
    public required string Device { get; init; }

    /// <summary>Why they ran where they did, in words.</summary>
    public required string DeviceReason { get; init; }

    /// <summary>What ran the steps: simd 512, 256 or 128; or how a device was reached, and its name.</summary>
    public required string Runner { get; init; }

    /// <summary>Whether and how items learned: frozen, corrected or learned, with its parameters.</summary>
    public required string ItemLearning { get; init; }

    /// <summary>How the top K of a step was found at first, in words; null where the estimator asks for none.</summary>
    public required string? TopKBy { get; init; }

    /// <summary>Kernels that a device was asked to run, a step; null where none ran, as the two that follow.</summary>
    public required double LaunchesPerStep { get; init; }

    /// <summary>Bytes copied to the device a step, what each epoch copies included.</summary>
    public required double UpBytesPerStep { get; init; }

    /// <summary>Bytes copied from the device a step, what validation and checkpoints copy included.</summary>
    public required double DownBytesPerStep { get; init; }

    /// <summary>exact or hnsw: what was searched at the end.</summary>
    public required string Index { get; init; }

    /// <summary>Seed of all draws.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Threads used.</summary>
    public required int Threads { get; init; }

    /// <summary>Steps done.</summary>
    public required long Steps { get; init; }

    /// <summary>Seconds spent in steps.</summary>
    public required double TrainSeconds { get; init; }

    /// <summary>Milliseconds a step, the index's queries included.</summary>
    public required double MsPerStep { get; init; }

    /// <summary>Seconds from the start of the command until all was measured.</summary>
    public required double TotalSeconds { get; init; }

    /// <summary>Test reward of always recommending the most popular item that is not in the history.</summary>
    public required double PopularityTestReward { get; init; }

    /// <summary>Test reward before training.</summary>
    public required double InitialTestReward { get; init; }

    /// <summary>Test reward of the best item of all.</summary>
    public required double TestRewardExact { get; init; }

    /// <summary>Test reward of the best item that the index finds.</summary>
    public required double TestRewardIndex { get; init; }

    /// <summary>The best test reward that anyone can expect; known for synthetic logs alone.</summary>
    public required double BestPossibleTestReward { get; init; }

    /// <summary>Share of the exact top K that the index finds for test users.</summary>
    public required double IndexRecall { get; init; }

    /// <summary>That K.</summary>
    public required int IndexRecallK { get; init; }

    /// <summary>Candidates that a search of the graph kept at the end; null where every item was scanned.</summary>
    public required int? IndexEfSearch { get; init; }

    /// <summary>The audits of the graph on training users: before the first epoch and after each.</summary>
    public required IReadOnlyList<IndexAudit> IndexAudits { get; init; }

    /// <summary>In words, what was done where the graph found too little.</summary>
    public required IReadOnlyList<string> IndexWarnings { get; init; }

    /// <summary>The audits of the gradient on training users: before the first epoch and after each; empty where there were
    /// none.</summary>
    public required IReadOnlyList<GradientAudit> GradientAudits { get; init; }

    /// <summary>Validation reward before training.</summary>
    public required double InitialValidationReward { get; init; }

    /// <summary>The epoch with the best validation reward; 0 where none beat the start.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Whether patience ended the training.</summary>
    public required bool StoppedEarly { get; init; }

    /// <summary>The epochs, in order.</summary>
    public required IReadOnlyList<EpochResult> Epochs { get; init; }

    /// <summary>The first N recommendations on the test users, by the index.</summary>
    public required IReadOnlyList<TopNFigures> TopN { get; init; }

    /// <summary>The trained policy.</summary>
    public required string PolicyFile { get; init; }

    /// <summary>The learning curve.</summary>
    public required string LearningCurveFile { get; init; }
}
