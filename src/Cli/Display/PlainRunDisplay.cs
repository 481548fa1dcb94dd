using System.Diagnostics;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Display;

/// <summary>Shows a run as lines of plain text: stages and epochs as they end, and between them a line every few
/// seconds.</summary>
internal sealed class PlainRunDisplay(TextWriter writer) : RunDisplay, IRunProgress
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private string _stage = "";
    private long _stageStart;
    private long _lastLine;

    /// <inheritdoc/>
    public override T Show<T>(Func<IRunProgress, T> work) => work(this);

    /// <inheritdoc/>
    public void Begin(string stage)
    {
        _stage = stage;
        _stageStart = _lastLine = Stopwatch.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Advance(double? share, string detail)
    {
        if (IsDue())
            writer.WriteLine(share is { } known ? $"{_stage}: {known:P0}, {detail}" : $"{_stage}: {detail}");
    }

    /// <inheritdoc/>
    public void End(string summary) =>
        writer.WriteLine($"{_stage}: {summary} ({TrainingText.Duration(Stopwatch.GetElapsedTime(_stageStart))})");

    /// <inheritdoc/>
    public void Note(string warning) => writer.WriteLine($"warning: {warning}");

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        if (value.Audit is { Check.HasActed: true } audit)
        {
            writer.WriteLine($"warning: {AuditText.Warning(audit)}");
        }
        else if (value.Gradient is { } gradient)
        {
            writer.WriteLine(GradientAuditText.Line(gradient));
        }
        else if (value.Completed is { } epoch)
        {
            _lastLine = Stopwatch.GetTimestamp();
            writer.WriteLine(
                $"epoch {epoch.Epoch} of {value.Epochs}: validation reward {TrainingText.Reward(epoch.ValidationReward)}, "
                + TrainingText.Duration(TimeSpan.FromSeconds(epoch.Seconds)) + AuditText.Suffix(epoch)
                + (double.IsFinite(epoch.Epsilon) ? $", ε {epoch.Epsilon:0.00}" : ""));
        }
        else if (IsDue())
        {
            writer.WriteLine(TrainingText.Line(value));
        }
    }

    private bool IsDue()
    {
        if (Stopwatch.GetElapsedTime(_lastLine) < Interval)
            return false;
        _lastLine = Stopwatch.GetTimestamp();
        return true;
    }
}
