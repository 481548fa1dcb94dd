using System.Text.Json.Serialization;
using KernelPolicy.Cli.Output;

namespace KernelPolicy.Cli.Study;

/// <summary>What a cell came to, as its file holds it.</summary>
internal sealed record CellResult
{
    /// <summary>The cell's name.</summary>
    public required string Cell { get; init; }

    /// <summary>steps or learning.</summary>
    public required CellKind Kind { get; init; }

    /// <summary>The catalogue's name.</summary>
    public required string Catalogue { get; init; }

    /// <summary>P.</summary>
    public required int Items { get; init; }

    /// <summary>L.</summary>
    public required int Dim { get; init; }

    /// <summary>The method's name.</summary>
    public required string Method { get; init; }

    /// <summary>Its parameters, in words.</summary>
    public required string Settings { get; init; }

    /// <summary>How a step finds its top K, in words; null where it asks for none.</summary>
    public required string? TopKBy { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What ran the steps.</summary>
    public required string Runner { get; init; }

    /// <summary>Seconds that it took in all, by which the time left is told.</summary>
    public required double Seconds { get; init; }

    /// <summary>The times of steps; null where it learned.</summary>
    public StepFigures? Steps { get; init; }

    /// <summary>What was learned; null where steps were timed.</summary>
    public LearningFigures? Learning { get; init; }

    /// <summary>Why there are no figures; null where there are.</summary>
    public string? Failure { get; init; }
}

/// <summary>Times of steps.</summary>
/// <param name="MsPerStep">The median, the query included.</param>
/// <param name="MsPerStepP95">The slowest of twenty.</param>
/// <param name="MsPerStepInBulk">The mean of steps that are asked for together.</param>
/// <param name="MsQuery">The median of the query; null where there is none.</param>
/// <param name="Recall">Share of the exact top K that the index finds; null where there is no index.</param>
/// <param name="BuildSeconds">What the graph took to build, once; 0 where there is none.</param>
/// <param name="BytesAllocatedPerStep">Allocated a step.</param>
internal sealed record StepFigures(
    double MsPerStep, double MsPerStepP95, double MsPerStepInBulk, double MsQuery, double Recall, double BuildSeconds,
    double BytesAllocatedPerStep);

/// <summary>A learning curve.</summary>
/// <param name="Points">From before training to the last epoch.</param>
/// <param name="RewardExact">R_test at the end by the exact scan; the points are by the index that the training asked.</param>
/// <param name="TestUsers">Users on whom R_test is.</param>
/// <param name="TrainUsers">Users trained on.</param>
/// <param name="StepsPerEpoch">Steps in an epoch.</param>
/// <param name="BestPossible">The most that anyone can expect; null where nobody knows.</param>
internal sealed record LearningFigures(
    IReadOnlyList<LearningPoint> Points, double RewardExact, int TestUsers, int TrainUsers, long StepsPerEpoch, double BestPossible);

/// <summary>A point of a learning curve.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Seconds">Seconds spent in steps so far.</param>
/// <param name="Reward">R_test.</param>
/// <param name="GradientError">Error of the estimated gradient on training users, relative to the exact one; null where it was not
/// audited.</param>
internal sealed record LearningPoint(int Epoch, double Seconds, double Reward, double GradientError);

/// <summary>How the files of a study are written: as those of the other commands.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, Converters = [typeof(FiniteOrNull)],
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(CellResult))]
[JsonSerializable(typeof(StudyIdentity))]
internal sealed partial class StudyJson : JsonSerializerContext;
