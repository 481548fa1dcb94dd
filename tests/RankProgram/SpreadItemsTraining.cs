using System.IO.Hashing;
using System.Runtime.InteropServices;
using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.RankProgram;

/// <summary>A training on a catalogue that lies in shards: any carrier must give the Θ that another gives.</summary>
/// <remarks>Tables are so large that from three ranks on the join of a step and the sums of the next step's contexts take two rounds each, and are
/// under way together.</remarks>
public static class SpreadItemsTraining
{
    /// <summary>B.</summary>
    public const int BatchSize = 64;

    /// <summary>L.</summary>
    public const int Dimension = 150;

    private const int Catalogue = 400;
    private const int Batches = 5;

    /// <summary>Trains some epochs of five steps and evaluates; Θ and the reward, as one number.</summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="epochs">Epochs.</param>
    public static SummedResult Run(ICommunicator communicator, int epochs)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        ItemShards shards = new(Catalogue, communicator.Size);
        ItemShard shard = shards[communicator.Rank];
        using Matrix own = new(shard.Count, Dimension);
        for (int row = 0; row < shard.Count; row++)
        {
            Span<float> values = own.Row(row);
            for (int l = 0; l < values.Length; l++)
                values[l] = 0.3f * MathF.Sin(((shard.First + row) * 37) + (l * l));
        }

        using WorkerTeam team = new(1);
        using SpreadItems spread = new(communicator, shards, own, team);
        using ExactIndex ownIndex = new(own);
        using ShardedIndex index = spread.Index(ownIndex);
        TrainingProblem problem = spread.SessionCompletion(Rows(20, 7), Rows(5, 11), BatchSize);
        using ShardedStrataEstimator estimator = spread.Estimator(problem, new StrataOptions(16, 32), BatchSize, 1, ownIndex);
        using RankGroup group = new(communicator);
        TrainingOptions options = new() { Epochs = epochs, BatchSize = BatchSize, LearningRate = new LearningRate(0.01) };
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        using Matrix theta = new(Dimension, Dimension);
        using TrainingStep steps = new(problem, estimator, theta, BatchSize, options.Adam, team);
        using Trainer trainer = new(problem, steps, options, team, problem, index, group);
        RankTraffic before = communicator.Traffic;
        TrainingResult result = trainer.Run();
        XxHash3 hash = new();
        for (int row = 0; row < Dimension; row++)
            hash.Append(MemoryMarshal.AsBytes(trainer.Theta.Row(row)));
        hash.Append(MemoryMarshal.AsBytes([result.Epochs[^1].ValidationReward]));
        return new SummedResult(hash.GetCurrentHashAsUInt64(), communicator.Traffic.Since(before), System.Diagnostics.Stopwatch.GetElapsedTime(start));
    }

    private static SparseRows Rows(int length, int factor) => SparseRows.FromLists(
        [.. Enumerable.Range(0, Batches * BatchSize).Select(
            context => Enumerable.Range(1, length).Select(i => ((context * factor) + (i * i * 13)) % Catalogue).Distinct().Order().ToArray())]);
}
