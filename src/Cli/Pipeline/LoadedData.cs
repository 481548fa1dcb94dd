using KernelPolicy.Cli.Display;
using KernelPolicy.Data;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>Interactions, and users divided.</summary>
/// <param name="Interactions">Who had to do with what.</param>
/// <param name="Split">Users and their halves.</param>
/// <param name="Truth">What a synthetic log was drawn from; null for real data.</param>
internal sealed record LoadedData(Interactions Interactions, SessionSplit Split, SyntheticTruth? Truth)
{
    /// <summary>Reads or draws what the recipe says.</summary>
    public static LoadedData Load(DataRecipe recipe, int threads, IRunProgress progress, CancellationToken cancellation)
    {
        (Interactions interactions, SyntheticTruth? truth) = recipe.Source.IsSynthetic
            ? Draw(recipe, progress)
            : (Read(recipe, threads, progress, cancellation), null);
        cancellation.ThrowIfCancellationRequested();
        return new LoadedData(interactions, SessionSplit.Create(interactions, recipe.Seed, recipe.Split), truth);
    }

    /// <summary>How often each item occurs among the training users [P].</summary>
    public int[] TrainingPopularity() =>
        PopularityBaseline.Count(TrainingMatrix.Build(Split.Train, EmbeddingSource.HistoriesAndRewarded), Interactions.ItemCount);

    /// <summary>The best reward that anyone can expect on a part of the users; NaN where it is not known.</summary>
    public double BestPossible(SplitPart part) => Truth is null || part.Count == 0 ? double.NaN : Truth.BestReward(part).Expected;

    private static (Interactions Interactions, SyntheticTruth? Truth) Draw(DataRecipe recipe, IRunProgress progress)
    {
        progress.Begin("synthetic log");
        var drawn = SyntheticInteractions.Generate(new SyntheticOptions { Seed = recipe.Seed });
        progress.End(LoadText.Kept(drawn.Interactions.Report));
        return drawn;
    }

    private static Interactions Read(DataRecipe recipe, int threads, IRunProgress progress, CancellationToken cancellation)
    {
        progress.Begin("interactions");
        Interactions interactions = InteractionReader.Read(
            recipe.Source.Files,
            recipe.Source.Reading with { Threads = threads },
            new StageProgress<LoadProgress>(at => progress.Advance(
                null, $"{at.RowsRead:N0} rows, file {at.FileNumber} of {at.Files}")),
            cancellation);
        progress.End(LoadText.KeptAndLeftOut(interactions.Report));
        return interactions;
    }
}
