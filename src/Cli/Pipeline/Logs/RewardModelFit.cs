using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>Fits the model of the reward that was asked for.</summary>
internal static class RewardModelFit
{
    /// <summary>Fits a model to the decisions that it is asked about, each by a model of the others where it is
    /// cross-fitted.</summary>
    /// <param name="choice">Which.</param>
    /// <param name="items">β [P, L].</param>
    /// <param name="part">The decisions.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Looked at between folds.</param>
    /// <returns>r_M; null where the choice is for none, or there are too few decisions to leave any out.</returns>
    /// <exception cref="ArgumentException">A logistic model meets a reward outside [0, 1].</exception>
    public static IRewardModel? Of(
        RewardModelChoice choice, Matrix items, LogPart part, IRunProgress progress, CancellationToken cancellation)
    {
        string kind = choice.KindFor(items.Columns);
        int folds = Math.Min(choice.Folds, part.Count);
        if (kind == RewardModelChoice.None || (choice.Folds > 1 && folds < 2))
            return null;
        progress.Begin("reward model");
        RewardModelOptions options = new() { Penalty = choice.Penalty };
        IRewardModel model = folds == 1 ? Fit(null) : CrossFittedRewardModel.Fit(folds, fold => Fit(fold));
        progress.End(choice.Words(items.Columns));
        return model;

        IRewardModel Fit(RowFold? fold)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Advance(fold is { } at ? (double)at.Index / at.Folds : null, kind);
            RewardModelOptions without = options with { LeaveOut = fold };
            return kind == "logistic"
                ? LogisticRewardModel.Fit(items, part.Contexts, part.Feedback, without)
                : RidgeRewardModel.Fit(items, part.Contexts, part.Feedback, without);
        }
    }
}
