using System.Text.Json.Serialization;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>What every training says of its course, whatever its data, as --json and report.json write it. Where a figure is not known
/// it is null.</summary>
internal abstract record TrainingReport
{
    /// <summary>Takes what is known once a training has ended.</summary>
    /// <param name="course">The training.</param>
    /// <param name="result">What it brought.</param>
    /// <param name="objective">What was made large.</param>
    /// <param name="total">Time since the start of the command.</param>
    protected TrainingReport(TrainingCourse course, TrainingResult result, ObjectiveChoice objective, TimeSpan total)
    {
        CourseRequest request = course.Request;
        Items = checked((int)course.Index.Items.Rows);
        Dim = course.Theta.Columns;
        Estimator = course.Steps.EstimatorName;
        EstimatorSettings = EstimatorText.Settings(request.Estimator);
        Objective = objective.Words;
        Device = course.Place.Asked;
        DeviceReason = course.Place.Decision.Reason;
        Runner = course.Steps.Runner;
        TopKBy = course.Plan.Words;
        Index = course.Index.Kind;
        IndexEfSearch = course.EfSearch;
        IndexAudits = result.Audits;
        IndexWarnings = [.. result.Audits.Where(audit => audit.Check.HasActed).Select(AuditText.Warning)];
        GradientAudits = result.GradientAudits;
        Seed = request.Training.Seed;
        Threads = course.Threads;
        Steps = result.Steps;
        TrainSeconds = result.TrainSeconds;
        MsPerStep = result.TrainSeconds / Math.Max(1, result.Steps) * 1e3;
        TotalSeconds = total.TotalSeconds;
        InitialValidationReward = result.InitialValidationReward;
        BestEpoch = result.BestEpoch;
        StoppedEarly = result.StoppedEarly;
        Epochs = result.Epochs;
        PolicyFile = request.Folder.Policy;
        LearningCurveFile = request.Folder.CurvePng;
    }

    /// <summary>P.</summary>
    public int Items { get; }

    /// <summary>L.</summary>
    public int Dim { get; }

    /// <summary>exact, strata, reinforce, uniform or mixture.</summary>
    public string Estimator { get; }

    /// <summary>Its parameters.</summary>
    public string EstimatorSettings { get; }

    /// <summary>What was made large, in words.</summary>
    public string Objective { get; }

    /// <summary>Where steps were to run: auto, simd, opencl, cuda or cpu-accelerator.</summary>
    public string Device { get; }

    /// <summary>Why they ran where they did, in words.</summary>
    public string DeviceReason { get; }

    /// <summary>What ran the steps: simd 512, 256 or 128; or how a device was reached, and its name.</summary>
    public string Runner { get; }

    /// <summary>How the top K of a step was found at first, in words; null where the estimator asks for none.</summary>
    public string? TopKBy { get; }

    /// <summary>exact or hnsw: what was searched at the end.</summary>
    public string Index { get; }

    /// <summary>Candidates that a search of the graph kept at the end; null where every item was scanned.</summary>
    public int? IndexEfSearch { get; }

    /// <summary>The audits of the graph on training contexts: before the first epoch and after each.</summary>
    public IReadOnlyList<IndexAudit> IndexAudits { get; }

    /// <summary>In words, what was done where the graph found too little.</summary>
    public IReadOnlyList<string> IndexWarnings { get; }

    /// <summary>The audits of the gradient on training contexts: before the first epoch and after each; empty where there were
    /// none.</summary>
    public IReadOnlyList<GradientAudit> GradientAudits { get; }

    /// <summary>Seed of all draws.</summary>
    public ulong Seed { get; }

    /// <summary>Threads used.</summary>
    public int Threads { get; }

    /// <summary>Steps done.</summary>
    public long Steps { get; }

    /// <summary>Seconds spent in steps.</summary>
    public double TrainSeconds { get; }

    /// <summary>Milliseconds a step, the index's queries included.</summary>
    public double MsPerStep { get; }

    /// <summary>Seconds from the start of the command until all was measured.</summary>
    public double TotalSeconds { get; }

    /// <summary>Validation reward before training.</summary>
    public double InitialValidationReward { get; }

    /// <summary>The epoch with the best validation reward; 0 where none beat the start.</summary>
    public int BestEpoch { get; }

    /// <summary>Whether patience ended the training.</summary>
    public bool StoppedEarly { get; }

    /// <summary>The epochs, in order.</summary>
    public IReadOnlyList<EpochResult> Epochs { get; }

    /// <summary>The trained policy.</summary>
    public string PolicyFile { get; }

    /// <summary>The learning curve.</summary>
    public string LearningCurveFile { get; }

    /// <summary>The estimator with its parameters, as policies and plots name it.</summary>
    [JsonIgnore]
    public string EstimatorWords => EstimatorText.Words(Estimator, EstimatorSettings);
}
