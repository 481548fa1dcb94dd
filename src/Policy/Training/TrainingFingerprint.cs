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
        // The hash is of contexts that rank 0 holds, or of factors that ranks have made together: with other shares they are others, by
        // rounding at least, and sizes, options and seed must do.
        bool isSharedOutAnew = Shares().Match(left ?? "").Value != Shares().Match(asked).Value
            || ItemShards().Match(left ?? "").Value != ItemShards().Match(asked).Value;
        return Unshared(left ?? "", isSharedOutAnew) == Unshared(asked, isSharedOutAnew);
    }

    private static string Unshared(string fingerprint, bool isSharedOutAnew)
    {
        string rest = ItemShards().Replace(Heads().Replace(fingerprint, ""), "");
        return isSharedOutAnew ? Data().Replace(Shares().Replace(rest, ""), "") : rest;
    }

    [GeneratedRegex(@"(?<= N=\d+) S=\d+")]
    private static partial Regex Shares();

    [GeneratedRegex(@" data=[0-9a-f]{16}")]
    private static partial Regex Data();

    [GeneratedRegex(@"/heads=before(?= B=)")]
    private static partial Regex Heads();

    [GeneratedRegex(@"/\d+ shards/\S*(?= B=)")]
    private static partial Regex ItemShards();

    private static string ShareText(ContextShares shares) =>
        shares.Shares == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" S={shares.Shares}");

    /// <summary>A hash of the items alone; 0 where they lie in shards, whose factors differ by rounding from one number of them to another.</summary>
    public static ulong OfItems(TrainingProblem problem)
    {
        if (problem.Sample is not null)
            return 0;
        var hash = new XxHash3();
        AppendItems(hash, problem);
        return hash.GetCurrentHashAsUInt64();
    }

    private static ulong Hash(TrainingProblem problem)
    {
        var hash = new XxHash3();
        AppendItems(hash, problem);
        // Those of share 0, which rank 0 holds however many ranks there are: its line is the training's.
        int held = Math.Min(problem.Shares.SizeOf(0), problem.Contexts.Count), samples = Math.Min(SampledContexts, held);
        int[] contexts = [.. Enumerable.Range(0, samples).Select(i => (int)((long)i * held / samples))];
        using var x = new Matrix(samples, problem.Contexts.Dimension);
        FillContexts(problem, contexts, x);
        for (int i = 0; i < samples; i++)
        {
            int context = contexts[i];
            hash.Append(MemoryMarshal.AsBytes(x.Row(i)));
            ReadOnlySpan<int> rewarded = problem.Rewards.RewardedItems(context);
            hash.Append(MemoryMarshal.AsBytes(rewarded));
            AppendRewards(hash, problem, context, rewarded.ToArray());
            if (!problem.Rewards.IsSparse)
                AppendRewards(hash, problem, context, Spread(problem.Items.Rows));
        }

        return hash.GetCurrentHashAsUInt64();
    }

    private static void AppendItems(XxHash3 hash, TrainingProblem problem)
    {
        long step = Math.Max(1, problem.Items.Rows / SampledItems);
        if (problem.Sample is not { } sample)
        {
            for (long row = 0; row < problem.Items.Rows; row += step)
                hash.Append(MemoryMarshal.AsBytes(problem.Items.Row(row)));
            return;
        }

        int count = checked((int)((problem.Items.Rows + step - 1) / step));
        using var rows = new Matrix(count, problem.Items.Columns);
        sample.FillItems([.. Enumerable.Range(0, count).Select(i => (int)(i * step))], rows);
        for (int i = 0; i < count; i++)
            hash.Append(MemoryMarshal.AsBytes(rows.Row(i)));
    }

    private static void FillContexts(TrainingProblem problem, int[] contexts, Matrix x)
    {
        if (problem.Sample is { } sample)
        {
            sample.FillContexts(contexts, x);
            return;
        }

        for (int i = 0; i < contexts.Length; i++)
            problem.Contexts.Fill(contexts[i], x, i);
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
