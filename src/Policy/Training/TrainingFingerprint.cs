using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// A line that two trainings share only if one can go on where the other stopped: sizes, options that shape the steps, and
/// a hash of the items and of a sample of contexts and rewards.
/// </summary>
internal static partial class TrainingFingerprint
{
    private const int SampledContexts = 64;
    private const long SampledItems = 4096;
    private const int SampledRewards = 64;

    /// <summary>The line of a training.</summary>
    /// <param name="problem">What it trains on.</param>
    /// <param name="estimator">Description of its steps: the estimator and, where it matters, where they run.</param>
    /// <param name="options">How it trains.</param>
    /// <param name="audit">What shapes the guard's doing; empty where it does nothing.</param>
    public static string Of(TrainingProblem problem, string estimator, TrainingOptions options, string audit)
    {
        // With a schedule that ends, the number of epochs shapes every step; with a constant rate it may be raised.
        string epochs = options.LearningRate.Schedule == LearningRateSchedule.Constant ? "any" : options.Epochs.ToString(CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"P={problem.Items.Rows} L={problem.Items.Columns} N={problem.Shares.Total}{ShareText(problem.Shares)} data={Hash(problem):x16} estimator={estimator} " +
            $"B={options.BatchSize} seed={options.Seed} init={options.Initialisation}/{options.InitialScale} epochs={epochs} " +
            $"rate={options.LearningRate.Base}/{options.LearningRate.Schedule}/{options.LearningRate.WarmupSteps} " +
            $"adam={options.Adam.Beta1}/{options.Adam.Beta2}/{options.Adam.Epsilon}/{options.Adam.WeightDecay}{audit}");
    }

    /// <summary>Whether a training can go on from what another has left: they are the same but for how contexts are shared out among
    /// ranks.</summary>
    public static bool GoesOn(string left, string asked)
    {
        // The hash is of contexts that rank 0 holds: in other shares it holds others, and sizes, options and seed must do.
        bool isSharedOutAnew = Shares().Match(left ?? "").Value != Shares().Match(asked).Value;
        return Unshared(left ?? "", isSharedOutAnew) == Unshared(asked, isSharedOutAnew);
    }

    private static string Unshared(string fingerprint, bool isSharedOutAnew)
    {
        string rest = Heads().Replace(fingerprint, "");
        return isSharedOutAnew ? Data().Replace(Shares().Replace(rest, ""), "") : rest;
    }

    [GeneratedRegex(@"(?<= N=\d+) S=\d+")]
    private static partial Regex Shares();

    [GeneratedRegex(@" data=[0-9a-f]{16}")]
    private static partial Regex Data();

    [GeneratedRegex(@"/heads=before(?= B=)")]
    private static partial Regex Heads();

    private static string ShareText(ContextShares shares) =>
        shares.Shares == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" S={shares.Shares}");

    private static ulong Hash(TrainingProblem problem)
    {
        var hash = new XxHash3();
        long step = Math.Max(1, problem.Items.Rows / SampledItems);
        for (long row = 0; row < problem.Items.Rows; row += step)
            hash.Append(MemoryMarshal.AsBytes(problem.Items.Row(row)));
        using var x = new Matrix(1, problem.Contexts.Dimension);
        // Those of share 0, which rank 0 holds however many ranks there are.
        int contexts = problem.Shares.SizeOf(0);
        for (int i = 0; i < Math.Min(SampledContexts, contexts); i++)
        {
            int context = (int)((long)i * contexts / Math.Min(SampledContexts, contexts));
            problem.Contexts.Fill(context, x, 0);
            hash.Append(MemoryMarshal.AsBytes(x.Row(0)));
            ReadOnlySpan<int> rewarded = problem.Rewards.RewardedItems(context);
            hash.Append(MemoryMarshal.AsBytes(rewarded));
            AppendRewards(hash, problem, context, rewarded.ToArray());
            if (!problem.Rewards.IsSparse)
                AppendRewards(hash, problem, context, Spread(problem.Items.Rows));
        }

        return hash.GetCurrentHashAsUInt64();
    }

    // Logs differ in their rewards where their items are the same. Rewards of 1 add nothing: those of sessions are no
    // other, and checkpoints of theirs were written before rewards counted.
    private static void AppendRewards(XxHash3 hash, TrainingProblem problem, int context, int[] items)
    {
        float[] rewards = new float[items.Length];
        problem.Rewards.Fill(context, items, rewards);
        if (rewards.AsSpan().ContainsAnyExcept(1f))
            hash.Append(MemoryMarshal.AsBytes(rewards.AsSpan()));
    }

    private static int[] Spread(long catalogue)
    {
        int count = (int)Math.Min(SampledRewards, catalogue);
        return [.. Enumerable.Range(0, count).Select(i => (int)(i * catalogue / count))];
    }
}
