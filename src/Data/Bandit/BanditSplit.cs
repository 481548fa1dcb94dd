using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Divides the decisions of a log into training, validation and test.</summary>
/// <remarks>Immutable; safe for concurrent reads. Take a part of the log by <see cref="BanditLog.Take"/>.</remarks>
public sealed class BanditSplit
{
    // SessionSplit has steps 0 and 1.
    private const long DecisionOrderStep = 2;

    private BanditSplit(int[] train, int[] validation, int[] test) => (Train, Validation, Test) = (train, validation, test);

    /// <summary>Decisions to train on.</summary>
    public int[] Train { get; }

    /// <summary>Decisions for early stopping and the choice of settings; may be empty.</summary>
    public int[] Validation { get; }

    /// <summary>Decisions to evaluate on; may be empty.</summary>
    public int[] Test { get; }

    /// <summary>Splits by chance; within a part, decisions keep their order.</summary>
    /// <param name="log">The log.</param>
    /// <param name="seed">Names the draws: the same seed and N give the same parts.</param>
    /// <param name="options">Shares; 80/10/10 where null, rounded to whole decisions.</param>
    /// <exception cref="ArgumentException">A share is out of range, or no decision is left to train on.</exception>
    public static BanditSplit BySeed(BanditLog log, ulong seed, SplitOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(log);
        int[] order = Rising(log.Count);
        new RandomDraws(seed, RandomPurpose.Split, DecisionOrderStep, 0).Shuffle(order);
        (int train, int validation) = Ends(log.Count, options);
        int[][] parts = [order[..train], order[train..validation], order[validation..]];
        foreach (int[] part in parts)
            Array.Sort(part);
        return new BanditSplit(parts[0], parts[1], parts[2]);
    }

    /// <summary>Splits by time: the earliest to train on, the latest to test on; each part is in order of time, and at
    /// equal times in the log's.</summary>
    /// <param name="log">A log with times.</param>
    /// <param name="options">Shares; 80/10/10 where null. A boundary moves on until it parts no decisions of one time, so
    /// that later parts can be smaller than their shares.</param>
    /// <exception cref="ArgumentException">The log has no times, a share is out of range, or no decision is left to train
    /// on.</exception>
    public static BanditSplit ByTime(BanditLog log, SplitOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (!log.HasTimes)
            throw new ArgumentException("The log has no times to split by; split by seed.", nameof(log));
        int[] order = Rising(log.Count);
        double[] times = log.Times.ToArray();
        Array.Sort(order, (a, b) => times[a] != times[b] ? times[a].CompareTo(times[b]) : a.CompareTo(b));
        (int train, int validation) = Ends(log.Count, options);
        train = PastTies(order, times, train);
        validation = PastTies(order, times, Math.Max(validation, train));
        return new BanditSplit(order[..train], order[train..validation], order[validation..]);
    }

    /// <summary>Where training and validation end, before ties.</summary>
    private static (int Train, int Validation) Ends(int count, SplitOptions? options)
    {
        options ??= new SplitOptions();
        options.Validate();
        int train = (int)Math.Round(options.TrainFraction * count);
        if (train == 0)
        {
            throw new ArgumentException(
                $"{count} decisions leave none to train on at a share of {options.TrainFraction}.", nameof(count));
        }

        return (train, Math.Min(count, (int)Math.Round((options.TrainFraction + options.ValidationFraction) * count)));
    }

    private static int PastTies(int[] order, double[] times, int end)
    {
        while (end > 0 && end < order.Length && times[order[end - 1]] == times[order[end]])
            end++;
        return end;
    }

    private static int[] Rising(int count)
    {
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
            order[i] = i;
        return order;
    }
}
