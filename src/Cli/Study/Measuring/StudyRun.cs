using System.Diagnostics;
using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Data;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Study;

/// <summary>Measures the cells of a plan that its folder does not hold yet, one after the other.</summary>
/// <param name="plan">What is measured.</param>
/// <param name="read">The user's own interactions; null where they are drawn.</param>
/// <param name="folder">Where cells are kept.</param>
/// <param name="device">Where steps run.</param>
/// <param name="threads">Threads.</param>
/// <param name="progress">Shows how far it is.</param>
/// <param name="cancellation">Stops between steps.</param>
internal sealed class StudyRun(
    StudyPlan plan, Interactions? read, StudyFolder folder, DeviceChoice device, int threads, IRunProgress progress,
    CancellationToken cancellation)
{
    private static readonly DeviceChoice Processor = new(DeviceChoice.Simd, default);

    /// <summary>Cells measured by this run.</summary>
    public int Measured { get; private set; }

    /// <summary>Measures.</summary>
    /// <param name="data">The files read, for the folder's identity.</param>
    /// <param name="isWanted">Whether a cell is to be measured.</param>
    /// <exception cref="OperationCanceledException">It was stopped; what was measured is kept, and the cell under way has a checkpoint
    /// where it was learning.</exception>
    public void Execute(IReadOnlyList<string> data, Func<StudyCell, bool> isWanted)
    {
        using StepPlace place = StepPlace.Open(device, TrainingObjective.ExpectedReward, progress);
        folder.Claim(StudyIdentity.Of(plan.Settings, data, place.Decision.Device, threads));
        List<(StudyCell Cell, CellEstimate Estimate)> left = [];
        foreach (StudyCell cell in plan.Cells.Where(isWanted))
        {
            CellEstimate estimate = CellEstimate.Of(cell, plan.Settings, StudyIndex.IsGraph(cell));
            if (folder.Find(cell) is null && StudyMemory.WhyTooLarge(estimate) is null)
                left.Add((cell, estimate));
        }

        using WorkerTeam team = new(threads);
        using StudyData learning = new(read, plan.Settings, team);
        using StepCell steps = new(plan.Settings, place, device, team);
        using StepPlace processor = place.Device is null ? place : StepPlace.Open(Processor, TrainingObjective.ExpectedReward, new SilentRunDisplay());
        StudyClock clock = new(left.Sum(l => l.Estimate.Seconds));
        int number = 0;
        foreach (var part in left.GroupBy(l => (l.Cell.Catalogue, l.Cell.Seed)))
        {
            progress.Begin($"{part.Key.Catalogue.Name}, seed {part.Key.Seed} of {plan.Settings.Seeds}");
            foreach ((StudyCell cell, CellEstimate estimate) in part)
            {
                cancellation.ThrowIfCancellationRequested();
                string words = $"{++number} of {left.Count} cells, {(cell.Kind == CellKind.Steps ? "steps of " : "")}{cell.Method.Slug} at L = {cell.Dimension}";
                CellProgress shown = new(progress, clock, words, estimate.Seconds);
                long start = Stopwatch.GetTimestamp();
                folder.Keep(cell, cell.Kind == CellKind.Steps
                    ? steps.Measure(cell, shown, cancellation)
                    : Learn(cell, learning, cell.Method.Items is FrozenItems ? place : processor, team, shown));
                clock.Add(estimate.Seconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
                Measured++;
            }

            progress.End($"{part.Count()} cells, {number} of {left.Count} in all");
        }
    }

    private CellResult Learn(StudyCell cell, StudyData data, StepPlace place, WorkerTeam team, CellProgress shown)
    {
        data.Turn(cell, shown, cancellation);
        return LearningCell.Measure(cell, data, plan.Settings, folder.Unfinished(cell), place, team, shown, cancellation);
    }
}
