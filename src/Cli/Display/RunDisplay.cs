using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Display;

/// <summary>Shows a run of several stages while it lasts.</summary>
internal abstract class RunDisplay
{
    /// <summary>Does the work and shows how far it is. Nothing else may write to the same place meanwhile.</summary>
    public abstract T Show<T>(Func<IRunProgress, T> work);
}

/// <summary>What the work tells of itself. All calls come from the thread that works.</summary>
internal interface IRunProgress : IProgress<TrainingProgress>
{
    /// <summary>A stage begins.</summary>
    /// <param name="stage">What is being done, such as "reading ratings.csv".</param>
    void Begin(string stage);

    /// <summary>The stage goes on; may be called often.</summary>
    /// <param name="share">Share done, or null where it is not known.</param>
    /// <param name="detail">How far it is, in words.</param>
    void Advance(double? share, string detail);

    /// <summary>The stage has ended.</summary>
    /// <param name="summary">What it brought.</param>
    void End(string summary);

    /// <summary>Something to be known that does not stop the work.</summary>
    void Note(string warning)
    {
    }
}

/// <summary>Passes progress of one kind on to a stage.</summary>
internal sealed class StageProgress<T>(Action<T> report) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value) => report(value);
}
