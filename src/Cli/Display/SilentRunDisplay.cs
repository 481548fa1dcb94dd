using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Display;

/// <summary>Shows nothing.</summary>
internal sealed class SilentRunDisplay : RunDisplay, IRunProgress
{
    /// <inheritdoc/>
    public override T Show<T>(Func<IRunProgress, T> work) => work(this);

    /// <inheritdoc/>
    public void Begin(string stage)
    {
    }

    /// <inheritdoc/>
    public void Advance(double? share, string detail)
    {
    }

    /// <inheritdoc/>
    public void End(string summary)
    {
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
    }
}
