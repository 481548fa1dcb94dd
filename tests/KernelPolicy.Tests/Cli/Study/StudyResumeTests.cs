using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Study;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>What is measured is kept, and what was stopped goes on.</summary>
internal sealed class StudyResumeTests
{
    private static readonly StudySettings Tiny = StudySettings.Small with
    {
        Catalogues = [StudyCatalogue.Drawn("tiny", "Tiny", 300, 200, 0.01)],
        LearningDimension = 8,
        Epochs = 3,
        Seeds = 1,
    };

    private static readonly StudyPlan Plan = StudyPlan.Create(Tiny);

    [Test]
    public void A_study_that_was_stopped_within_a_cell_goes_on_to_the_same_figures()
    {
        using TestFolder folder = new();
        StudyFolder whole = new(folder["whole"]), parts = new(folder["parts"]);
        Assert.That(Run(whole, new SilentRunDisplay()), Is.EqualTo(3));

        using CancellationTokenSource source = new();
        StudyCell[] cells = [.. Plan.Cells.Where(IsWanted)];
        Assert.That(
            () => Run(parts, new StoppingProgress($"2 of 3 cells, {cells[1].Method.Slug} at L = 8: epoch 2 of 3", source), source.Token),
            Throws.InstanceOf<OperationCanceledException>());
        string done = folder[Path.Combine("parts", "cells", cells[0].Name + ".json")];
        byte[] first = File.ReadAllBytes(done);
        Assert.Multiple(() =>
        {
            Assert.That(parts.Find(cells[1]), Is.Null);
            Assert.That(File.Exists(parts.Unfinished(cells[1]).Checkpoint));
        });

        Assert.That(Run(parts, new SilentRunDisplay()), Is.EqualTo(2));
        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllBytes(done), Is.EqualTo(first), "measured once");
            Assert.That(Directory.Exists(folder[Path.Combine("parts", "unfinished")]), Is.False);
            foreach (StudyCell cell in cells)
                Assert.That(Rewards(parts, cell), Is.EqualTo(Rewards(whole, cell)), cell.Name);
        });
    }

    [Test]
    public void A_damaged_cell_is_named_with_its_place()
    {
        using TestFolder folder = new();
        StudyFolder study = new(folder["study"]);
        StudyCell cell = Plan.Cells[0], other = Plan.Cells[1];
        study.Keep(cell, StudyReportingTests.Learned(cell, 0.2));
        string path = folder[Path.Combine("study", "cells", cell.Name + ".json")];
        string text = File.ReadAllText(path);

        File.WriteAllText(path, text[..(text.Length / 2)]);
        Assert.That(() => study.Find(cell), Throws.InstanceOf<InvalidDataException>().With.Message.Match($@"{cell.Name}\.json, line \d+, byte \d+: not the JSON of a study"));
        File.WriteAllText(path, text.Replace(cell.Name, other.Name, StringComparison.Ordinal));
        Assert.That(() => study.Find(cell), Throws.InstanceOf<InvalidDataException>().With.Message.Contains($"is of the cell '{other.Name}'; '{cell.Name}' was expected"));
        File.WriteAllText(path, text[..text.IndexOf("\"learning\"", StringComparison.Ordinal)] + "\"learning\": null }");
        Assert.That(() => study.Find(cell), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("has no figures"));
    }

    [Test]
    public void A_folder_holds_one_study()
    {
        using TestFolder folder = new();
        StudyFolder study = new(folder["study"]);
        study.Claim(StudyIdentity.Of(Tiny, [], "simd", 2));
        Assert.Multiple(() =>
        {
            Assert.That(() => study.Claim(StudyIdentity.Of(Tiny with { Seeds = 7 }, [], "simd", 2)), Throws.Nothing, "seeds can be added");
            Assert.That(
                () => study.Claim(StudyIdentity.Of(Tiny with { Epochs = 4 }, [], "simd", 2)),
                Throws.ArgumentException.With.Message.Contains("holds a study with epochs 3, and 4 is asked for"));
            Assert.That(
                () => study.Claim(StudyIdentity.Of(Tiny, [], "simd", 1)), Throws.ArgumentException.With.Message.Contains("threads 2, and 1 is asked for"));
        });
    }

    private static bool IsWanted(StudyCell cell) =>
        cell.Kind == CellKind.Learning && cell.Method.Slug is "exact" or "mixture-50-256-0.8" or "strata-64-128-learned";

    private static int Run(StudyFolder folder, IRunProgress progress, CancellationToken cancellation = default)
    {
        StudyRun run = new(Plan, null, folder, new DeviceChoice(DeviceChoice.Simd, default), 2, progress, cancellation);
        run.Execute([], IsWanted);
        return run.Measured;
    }

    private static IEnumerable<(int, double, double)> Rewards(StudyFolder folder, StudyCell cell) =>
        folder.Find(cell)!.Learning!.Points.Select(p => (p.Epoch, p.Reward, p.GradientError)).ToArray();

    private sealed class StoppingProgress(string text, CancellationTokenSource source) : IRunProgress
    {
        public void Begin(string stage)
        {
        }

        public void Advance(double? share, string detail)
        {
            if (detail.Contains(text, StringComparison.Ordinal))
                source.Cancel();
        }

        public void End(string summary)
        {
        }

        public void Report(TrainingProgress value)
        {
        }
    }
}
