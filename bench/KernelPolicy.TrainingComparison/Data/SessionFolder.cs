using System.Runtime.InteropServices;
using System.Text.Json;
using KernelPolicy.EstimatorComparison.Problems;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.TrainingComparison.Data;

/// <summary>
/// Sessions on disk, for the peer: items.f32 [P, L]; of train and of test contexts.f32 [N, L], offsets.i64 [N + 1] and rewarded.i32 (the
/// rewarded items of all contexts, one list after the other); order.i32 [epochs, N], the contexts as each epoch takes them; meta.json.
/// </summary>
internal sealed class SessionFolder(string path)
{
    /// <summary>Writes; meta.json comes last and so says that the rest is there.</summary>
    public void Write(ComparedProblem problem, int epochs, ulong seed)
    {
        TrainingProblem test = problem.Test ?? throw new ArgumentException($"{problem.Name} has no test contexts.", nameof(problem));
        Directory.CreateDirectory(path);
        File.Delete(At("meta.json"));
        WriteRows("items.f32", problem.Items);
        WriteContexts("train", problem.Train);
        WriteContexts("test", test);
        WriteOrder(problem.Train.Contexts.Count, epochs, seed);
        File.WriteAllText(At("meta.json"), JsonSerializer.Serialize(new
        {
            name = problem.Name,
            items = problem.Items.Rows,
            dim = problem.Items.Columns,
            train = problem.Train.Contexts.Count,
            test = test.Contexts.Count,
            epochs,
            seed,
        }));
    }

    private string At(string name) => Path.Combine(path, name);

    private void WriteRows(string name, Matrix rows)
    {
        using FileStream stream = File.Create(At(name), 1 << 20);
        for (long row = 0; row < rows.Rows; row++)
            stream.Write(MemoryMarshal.AsBytes(rows.Row(row)));
    }

    private void WriteContexts(string part, TrainingProblem problem)
    {
        using Matrix contexts = new(problem.Contexts.Count, problem.Contexts.Dimension);
        for (int context = 0; context < contexts.Rows; context++)
            problem.Contexts.Fill(context, contexts, context);
        WriteRows($"{part}.contexts.f32", contexts);
        SessionReward rewards = (SessionReward)problem.Rewards;
        SparseRows rewarded = SparseRows.FromLists([.. Enumerable.Range(0, rewards.Count).Select(i => rewards.RewardedItems(i).ToArray())]);
        File.WriteAllBytes(At($"{part}.offsets.i64"), MemoryMarshal.AsBytes(rewarded.Offsets));
        File.WriteAllBytes(At($"{part}.rewarded.i32"), MemoryMarshal.AsBytes(rewarded.Items));
    }

    // As compare-estimators and the trainer shuffle.
    private void WriteOrder(int contexts, int epochs, ulong seed)
    {
        int[] order = new int[contexts];
        using FileStream stream = File.Create(At("order.i32"), 1 << 20);
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            for (int i = 0; i < contexts; i++)
                order[i] = i;
            new RandomDraws(seed, RandomPurpose.EpochOrder, epoch, 0).Shuffle(order);
            stream.Write(MemoryMarshal.AsBytes(order.AsSpan()));
        }
    }
}
