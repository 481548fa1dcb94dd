using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>What a training brought, as --json and report.json write it. Rewards are those of recommending one item;
/// where a figure is not known it is null.</summary>
internal sealed record TrainReport : TrainingReport
{
    /// <inheritdoc/>
    internal TrainReport(TrainingCourse course, TrainingResult result, ObjectiveChoice objective, TimeSpan total)
        : base(course, result, objective, total)
    {
    }

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

    /// <summary>Whether and how items learned: frozen, corrected or learned, with its parameters.</summary>
    public required string ItemLearning { get; init; }

    /// <summary>The ranks that it was spread over.</summary>
    public required RankFigures Ranks { get; init; }

    /// <summary>Kernels that a device was asked to run, a step; null where none ran, as the two that follow.</summary>
    public required double LaunchesPerStep { get; init; }

    /// <summary>Bytes copied to the device a step, what each epoch copies included.</summary>
    public required double UpBytesPerStep { get; init; }

    /// <summary>Bytes copied from the device a step, what validation and checkpoints copy included.</summary>
    public required double DownBytesPerStep { get; init; }

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

    /// <summary>The first N recommendations on the test users, by the index.</summary>
    public required IReadOnlyList<TopNFigures> TopN { get; init; }
}
