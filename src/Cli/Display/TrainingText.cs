using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Display;

/// <summary>Puts the progress of a training in words.</summary>
internal static class TrainingText
{
    /// <summary>Share of the steps done.</summary>
    public static double Share(TrainingProgress progress) =>
        progress.TotalSteps > 0 ? (double)progress.Step / progress.TotalSteps : 0;

    /// <summary>Steps a second, over the whole training.</summary>
    public static double StepsPerSecond(TrainingProgress progress) =>
        progress.TrainSeconds > 0 ? progress.Step / progress.TrainSeconds : 0;

    /// <summary>How long the steps that are left will take at this pace; null before the first.</summary>
    public static TimeSpan? TimeLeft(TrainingProgress progress) => StepsPerSecond(progress) is > 0 and var pace
        ? TimeSpan.FromSeconds((progress.TotalSteps - progress.Step) / pace)
        : null;

    /// <summary>One line: where the training stands and when it will end.</summary>
    public static string Line(TrainingProgress progress)
    {
        string left = TimeLeft(progress) is { } time ? $", {Duration(time)} left" : "";
        return $"epoch {progress.Epoch} of {progress.Epochs}, step {progress.Step:N0} of {progress.TotalSteps:N0}, "
            + $"{StepsPerSecond(progress):N0} steps/s{left}";
    }

    /// <summary>A reward as shown to people; a dash where there is none.</summary>
    public static string Reward(double? reward) => reward is { } value && double.IsFinite(value) ? $"{value:0.0000}" : "–";

    /// <summary>A duration in the two largest units that matter.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 10 } => $"{time.TotalSeconds:0.0} s",
        { TotalSeconds: < 60 } => $"{time.TotalSeconds:0} s",
        { TotalMinutes: < 60 } => $"{time.Minutes} min {time.Seconds:00} s",
        _ => $"{(int)time.TotalHours} h {time.Minutes:00} min",
    };
}
