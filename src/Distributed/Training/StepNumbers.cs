using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>What a batch says of itself, as numbers that add up over ranks.</summary>
internal static class StepNumbers
{
    /// <summary>How many numbers they are.</summary>
    public const int Count = 14;

    /// <summary>Writes them, each mean times its contexts.</summary>
    public static void Write(Span<float> numbers, int contexts, BatchStatistics statistics)
    {
        StrataStatistics strata = statistics.Strata;
        numbers[0] = contexts;
        if (contexts == 0)
        {
            numbers[1..Count].Clear();
            return;
        }

        numbers[1] = (float)(contexts * statistics.MeanReward);
        numbers[2] = (float)(contexts * statistics.EffectiveSampleSize);
        numbers[3] = (float)(contexts * statistics.LargestWeight);
        numbers[4] = (float)statistics.QuerySeconds;
        numbers[5] = (float)(contexts * statistics.Epsilon);
        numbers[6] = strata.Contexts;
        numbers[7] = (float)strata.PartitionVariance;
        numbers[8] = (float)strata.GradientVariance;
        numbers[9] = (float)strata.GradientSquare;
        numbers[10] = strata.TailDraws;
        numbers[11] = strata.HeadItems;
        numbers[12] = strata.Missed;
        numbers[13] = strata.Searched;
    }

    /// <summary>Reads the sum over ranks.</summary>
    /// <param name="numbers">It.</param>
    /// <param name="ranks">n: seconds are a mean over ranks, which search at the same time.</param>
    public static (double Contexts, BatchStatistics Statistics) Read(ReadOnlySpan<float> numbers, int ranks)
    {
        double contexts = numbers[0];
        return (contexts, new BatchStatistics(numbers[1] / contexts, numbers[2] / contexts, numbers[3] / contexts, numbers[4] / ranks)
        {
            Epsilon = numbers[5] / contexts,
            Strata = new StrataStatistics(
                (long)numbers[6], numbers[7], numbers[8], numbers[9], (long)numbers[10], (long)numbers[11], (long)numbers[12], (long)numbers[13]),
        });
    }
}
