using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>What a training on logged decisions brought, as --json and report.json write it. Where a figure is not known it is
/// null.</summary>
internal sealed record TrainLogReport
{
    /// <summary>P.</summary>
    public required int Items { get; init; }

    /// <summary>Decisions, all parts together.</summary>
    public required int Decisions { get; init; }

    /// <summary>Decisions trained on.</summary>
    public required int TrainDecisions { get; init; }

    /// <summary>Decisions watched while training.</summary>
    public required int ValidationDecisions { get; init; }

    /// <summary>Decisions for the test.</summary>
    public required int TestDecisions { get; init; }

    /// <summary>features or histories.</summary>
    public required string Contexts { get; init; }

    /// <summary>Features of a context; 0 where contexts are histories.</summary>
    public required int Features { get; init; }

    /// <summary>L.</summary>
    public required int Dim { get; init; }

    /// <summary>logged or fitted.</summary>
    public required string Propensities { get; init; }

    /// <summary>Mean of ln π₀(a|x) under the fitted propensities; null where they were logged.</summary>
    public required double PropensityLogLikelihood { get; init; }

    /// <summary>Rows whose fitted propensity was raised to the least one.</summary>
    public required int PropensitiesRaised { get; init; }

    /// <summary>What was learnt from, in words.</summary>
    public required string Reward { get; init; }

    /// <summary>What was made large, in words.</summary>
    public required string Objective { get; init; }

    /// <summary>exact, strata, reinforce, uniform or mixture.</summary>
    public required string Estimator { get; init; }

    /// <summary>Its parameters.</summary>
    public required string EstimatorSettings { get; init; }

    /// <summary>Where steps were to run.</summary>
    public required string Device { get; init; }

    /// <summary>Why they ran where they did, in words.</summary>
    public required string DeviceReason { get; init; }

    /// <summary>What ran the steps.</summary>
    public required string Runner { get; init; }

    /// <summary>How the top K of a step was found at first; null where the estimator asks for none.</summary>
    public required string? TopKBy { get; init; }

    /// <summary>exact or hnsw: what was searched at the end.</summary>
    public required string Index { get; init; }

    /// <summary>Candidates that a search of the graph kept at the end; null where every item was scanned.</summary>
    public required int? IndexEfSearch { get; init; }

    /// <summary>The audits of the graph.</summary>
    public required IReadOnlyList<IndexAudit> IndexAudits { get; init; }

    /// <summary>In words, what was done where the graph found too little.</summary>
    public required IReadOnlyList<string> IndexWarnings { get; init; }

    /// <summary>Seed of all draws.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Threads used.</summary>
    public required int Threads { get; init; }

    /// <summary>Steps done.</summary>
    public required long Steps { get; init; }

    /// <summary>Seconds spent in steps.</summary>
    public required double TrainSeconds { get; init; }

    /// <summary>Milliseconds a step.</summary>
    public required double MsPerStep { get; init; }

    /// <summary>Seconds from the start of the command until all was measured.</summary>
    public required double TotalSeconds { get; init; }

    /// <summary>Mean reward of the test decisions: the value of the policy that made the log.</summary>
    public required double TestLoggingValue { get; init; }

    /// <summary>The trained policy's value from the test decisions; null where there are none.</summary>
    public required OffPolicyReport? Evaluation { get; init; }

    /// <summary>Exact values; known for synthetic logs alone.</summary>
    public required TrueValues? TrueValues { get; init; }

    /// <summary>Mean reward of the validation decisions.</summary>
    public required double ValidationLoggingValue { get; init; }

    /// <summary>IPS value on the validation decisions of taking the best item, before training.</summary>
    public required double InitialValidationReward { get; init; }

    /// <summary>The epoch with the best such value; 0 where none beat the start.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Whether patience ended the training.</summary>
    public required bool StoppedEarly { get; init; }

    /// <summary>The epochs, in order; their validation reward is the IPS value of taking the best item.</summary>
    public required IReadOnlyList<EpochResult> Epochs { get; init; }

    /// <summary>The trained policy.</summary>
    public required string PolicyFile { get; init; }

    /// <summary>The learning curve.</summary>
    public required string LearningCurveFile { get; init; }
}
