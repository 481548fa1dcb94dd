using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>What a training on logged decisions brought, as --json and report.json write it. Validation rewards are IPS values of
/// always taking the best item; where a figure is not known it is null.</summary>
internal sealed record TrainLogReport : TrainingReport
{
    /// <inheritdoc/>
    internal TrainLogReport(TrainingCourse course, TrainingResult result, ObjectiveChoice objective, TimeSpan total)
        : base(course, result, objective, total)
    {
    }

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

    /// <summary>logged or fitted.</summary>
    public required string Propensities { get; init; }

    /// <summary>Mean of ln π₀(a|x) under the fitted propensities; null where they were logged.</summary>
    public required double PropensityLogLikelihood { get; init; }

    /// <summary>Rows whose fitted propensity was raised to the least one.</summary>
    public required int PropensitiesRaised { get; init; }

    /// <summary>What was learnt from, in words.</summary>
    public required string Reward { get; init; }

    /// <summary>Mean reward of the test decisions: the value of the policy that made the log.</summary>
    public required double TestLoggingValue { get; init; }

    /// <summary>The trained policy's value from the test decisions; null where there are none.</summary>
    public required OffPolicyReport? Evaluation { get; init; }

    /// <summary>Exact values; known for synthetic logs alone.</summary>
    public required TrueValues? TrueValues { get; init; }

    /// <summary>Mean reward of the validation decisions.</summary>
    public required double ValidationLoggingValue { get; init; }
}
