using KernelPolicy.Cli.Display;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Study;

/// <summary>Shows the stages of one cell as a line of the study: which of how many, what it does, and the time left.</summary>
/// <param name="study">The study's display.</param>
/// <param name="clock">Tells the time left.</param>
/// <param name="words">Which cell it is.</param>
/// <param name="expected">Seconds that it is expected to take.</param>
internal sealed class CellProgress(IRunProgress study, StudyClock clock, string words, double expected) : IRunProgress, IProgress<string>
{
    private string _stage = "";

    /// <inheritdoc/>
    public void Begin(string stage)
    {
        _stage = stage;
        Show(0, stage);
    }

    /// <inheritdoc/>
    public void Advance(double? share, string detail) => Show(0, $"{_stage}, {detail}");

    /// <inheritdoc/>
    public void End(string summary)
    {
    }

    /// <inheritdoc/>
    public void Note(string warning) => study.Note($"{words}: {warning}");

    /// <inheritdoc/>
    public void Report(TrainingProgress value) =>
        Show(TrainingText.Share(value), $"epoch {value.Epoch} of {value.Epochs}");

    /// <inheritdoc/>
    public void Report(string value) => Show(0, value);

    private void Show(double share, string doing) => study.Advance(
        clock.Share(expected, share), $"{words}: {doing}; {TrainingText.Duration(clock.Left(expected, share))} left");
}
