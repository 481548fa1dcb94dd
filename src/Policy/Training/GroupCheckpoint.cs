using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Checkpoints of trainings that are one: rank 0 writes and reads, and the others get from it what it has read.</summary>
internal static class GroupCheckpoint
{
    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    /// <inheritdoc cref="Checkpoint.Save" path="/param"/>
    public static void Save(
        ITrainingGroup group, string path, string fingerprint, TrainingState state, TrainingTables tables, IEstimatorMemory? memory,
        Matrix? builtItems)
    {
        if (group.Rank == 0)
            Checkpoint.Save(path, fingerprint, state, tables, memory, builtItems);
    }

    /// <summary>Reads a checkpoint into the tables of all ranks.</summary>
    /// <inheritdoc cref="Checkpoint.Load" path="/param"/>
    /// <exception cref="InvalidDataException">The file is damaged, or belongs to another training.</exception>
    /// <exception cref="TrainingGroupException">Rank 0 could not read it.</exception>
    public static TrainingState Load(
        ITrainingGroup group, string path, string fingerprint, TrainingTables tables, IEstimatorMemory? memory, out Matrix? builtItems)
    {
        Matrix? built = null;
        TrainingState state = group.FromFirst(
            () => Checkpoint.Load(path, fingerprint, tables, memory, out built), CheckpointJson.Default.TrainingState);
        builtItems = built;
        if (group.Size == 1)
            return state;
        foreach (Matrix table in (Matrix[])[tables.Theta, tables.FirstMoment, tables.SecondMoment, tables.Best, .. tables.BestOthers])
            group.FromFirst(table);
        foreach (TrainedTable table in tables.Others)
        {
            group.FromFirst(table.Values);
            group.FromFirst(table.FirstMoment);
            group.FromFirst(table.SecondMoment);
        }

        Share(group, memory);
        return state;
    }

    private static void Share(ITrainingGroup group, IEstimatorMemory? memory)
    {
        if (memory is null)
            return;
        if (group.Rank > 0)
        {
            memory.Read(group.Receive());
            return;
        }

        using MemoryStream stream = new();
        memory.Write(stream);
        group.Send(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }
}
