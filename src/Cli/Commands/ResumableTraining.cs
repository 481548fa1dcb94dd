using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Pipeline;

namespace KernelPolicy.Cli.Commands;

/// <summary>Shows a training that can be stopped, and says how to go on with it.</summary>
internal static class ResumableTraining
{
    /// <summary>Does the work and shows how far it is.</summary>
    /// <param name="context">Where to write.</param>
    /// <param name="output">How.</param>
    /// <param name="folder">Where the checkpoint is.</param>
    /// <param name="resume">Whether to go on from it.</param>
    /// <param name="work">The training.</param>
    /// <param name="hasCheckpoint">Whether this training, and not an earlier one in the folder, can be gone on with.</param>
    public static T Show<T>(
        ToolContext context, OutputChoice output, RunFolder folder, bool resume, Func<IRunProgress, T> work, Func<bool> hasCheckpoint)
    {
        if (resume && !File.Exists(folder.Checkpoint))
            context.Note($"There is no checkpoint in {folder.Root} yet: the training starts from the beginning.");
        try
        {
            return context.Display(output).Show(work);
        }
        catch (OperationCanceledException) when (hasCheckpoint())
        {
            context.Note($"A checkpoint is in {folder.Checkpoint}. To go on from it:");
            context.Note($"  kernelpolicy {CommandLineText.Of([.. context.Arguments.Where(a => a != "--resume"), "--resume"])}");
            throw;
        }
    }
}
