using System.Text.Json;
using System.Text.Json.Serialization;
using KernelPolicy.Index;
using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Saves and restores a training so that one that was stopped and resumed gives the same Θ, bit for bit, as one that was
/// not. Draws are functions of (seed, step, context), so that tables and counters are all there is to save.
/// </summary>
internal static class Checkpoint
{
    private const string Kind = "CKPT";
    private const string MemorySection = "estimator-memory";

    // 2 added the audits and how the guarded index searches. A training of version 1 had neither, and may go on where
    // none is asked for: its fingerprint tells.
    private const int VersionFrozen = 2;

    // 3 adds what is trained beside Θ, and β of the graph's last build where that was anew. Where items are frozen there is neither,
    // and version 2 is written, which older readers understand.
    private const int Version = 3;

    // What follows the name of a table that is trained beside Θ.
    private const string FirstMoment = "-first";
    private const string SecondMoment = "-second";
    private const string Best = "-best";
    private const string BuiltItems = "built-items";

    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    /// <param name="path">Where.</param>
    /// <param name="fingerprint">What the training is known by.</param>
    /// <param name="state">Where it stands.</param>
    /// <param name="tables">Its tables.</param>
    /// <param name="memory">What the estimator remembers; null where nothing.</param>
    /// <param name="builtItems">β of the last build of a graph over moving items; null where it is that of the beginning.</param>
    public static void Save(
        string path, string fingerprint, TrainingState state, TrainingTables tables, IEstimatorMemory? memory, Matrix? builtItems)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            new CheckpointFacts(fingerprint, tables.Theta.Rows, tables.Theta.Columns, state), CheckpointJson.Default.CheckpointFacts);
        List<SectionToWrite> sections =
        [
            SectionToWrite.Of("facts", json),
            SectionFileReader.WriteMatrix("theta", tables.Theta),
            SectionFileReader.WriteMatrix("first-moment", tables.FirstMoment),
            SectionFileReader.WriteMatrix("second-moment", tables.SecondMoment),
            SectionFileReader.WriteMatrix("best-theta", tables.Best),
        ];
        foreach (TrainedTable table in tables.Others)
        {
            sections.Add(SectionFileReader.WriteMatrix(table.Name, table.Values));
            sections.Add(SectionFileReader.WriteMatrix(table.Name + FirstMoment, table.FirstMoment));
            sections.Add(SectionFileReader.WriteMatrix(table.Name + SecondMoment, table.SecondMoment));
        }

        for (int i = 0; i < tables.BestOthers.Count; i++)
            sections.Add(SectionFileReader.WriteMatrix(tables.Others[i].Name + Best, tables.BestOthers[i]));
        if (builtItems is not null)
            sections.Add(SectionFileReader.WriteMatrix(BuiltItems, builtItems));
        if (memory is not null)
            sections.Add(new SectionToWrite(MemorySection, memory.Write));
        SectionFileWriter.Write(path, Kind, tables.Others.Count == 0 ? VersionFrozen : Version, sections);
    }

    /// <summary>S of the training that a checkpoint belongs to.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static int SharesOf(string path)
    {
        using var file = new SectionFileReader(path, Kind, Version);
        return file.ReadJson("facts", CheckpointJson.Default.CheckpointFacts).State?.Shares ?? 1;
    }

    /// <summary>Reads a checkpoint into the tables.</summary>
    /// <param name="path">Where.</param>
    /// <param name="fingerprint">What the training is known by.</param>
    /// <param name="tables">Receives the tables.</param>
    /// <param name="memory">Receives what the estimator remembers; null where it is nothing.</param>
    /// <param name="builtItems">β of the last build of a graph over moving items, the caller's to dispose; null where it is that of
    /// the beginning.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or belongs to another training.</exception>
    public static TrainingState Load(
        string path, string fingerprint, TrainingTables tables, IEstimatorMemory? memory, out Matrix? builtItems)
    {
        using var file = new SectionFileReader(path, Kind, Version);
        CheckpointFacts facts = file.ReadJson("facts", CheckpointJson.Default.CheckpointFacts);
        if (facts.State is null)
            throw file.Fault(0, "the state of a training expected, found none");
        if (!TrainingFingerprint.GoesOn(facts.Fingerprint, fingerprint))
        {
            string old = file.Version == 1
                ? $"{Environment.NewLine}  it was written in format version 1, before trainings guarded their index, and can go on " +
                    "only without a guard (no audited queries)"
                : "";
            throw new InvalidDataException(
                $"{path} belongs to another training.{Environment.NewLine}  it has:  {facts.Fingerprint}{Environment.NewLine}  asked is: {fingerprint}{old}");
        }

        if (facts.State.Guard is { EfSearch: < 1 or > HnswOptions.LargestEf } guard)
            throw file.Fault(file.OffsetOf("facts"), $"an efSearch of 1 to {HnswOptions.LargestEf} expected, found {guard.EfSearch}");

        long rows = tables.Theta.Rows;
        int columns = tables.Theta.Columns;
        using Matrix theta = file.ReadMatrix("theta", rows, columns);
        using Matrix first = file.ReadMatrix("first-moment", rows, columns);
        using Matrix second = file.ReadMatrix("second-moment", rows, columns);
        using Matrix best = file.ReadMatrix("best-theta", rows, columns);
        Matrix? built = null;
        List<(Matrix From, Matrix To)> others = [];
        try
        {
            foreach ((string name, Matrix to) in Others(tables))
                others.Add((file.ReadMatrix(name, to.Rows, to.Columns), to));
            if (facts.State.Rebuilds > 0 && tables.Others.FirstOrDefault(table => table.Name == "items") is { } items)
                built = file.ReadMatrix(BuiltItems, items.Values.Rows, items.Values.Columns);

            if (memory is not null)
                ReadMemory(file, memory);

            // From here on nothing fails: the tables are all of the file or none of it.
            foreach ((Matrix from, Matrix to) in others)
                to.CopyFrom(from);
        }
        catch
        {
            built?.Dispose();
            throw;
        }
        finally
        {
            others.ForEach(pair => pair.From.Dispose());
        }

        tables.Theta.CopyFrom(theta);
        tables.FirstMoment.CopyFrom(first);
        tables.SecondMoment.CopyFrom(second);
        tables.Best.CopyFrom(best);
        builtItems = built;
        return facts.State;
    }

    private static IEnumerable<(string Name, Matrix Table)> Others(TrainingTables tables)
    {
        foreach (TrainedTable table in tables.Others)
        {
            yield return (table.Name, table.Values);
            yield return (table.Name + FirstMoment, table.FirstMoment);
            yield return (table.Name + SecondMoment, table.SecondMoment);
        }

        for (int i = 0; i < tables.BestOthers.Count; i++)
            yield return (tables.Others[i].Name + Best, tables.BestOthers[i]);
    }

    private static void ReadMemory(SectionFileReader file, IEstimatorMemory memory)
    {
        if (!file.Has(MemorySection) && memory is StaleHeads)
        {
            // It was trained with heads of the same step, and has nothing to remember yet.
            memory.Clear();
            return;
        }

        if (!file.Has(MemorySection))
            throw file.Fault(0, "what the estimator remembers expected, found none");
        try
        {
            memory.Read(file.ReadBytes(MemorySection));
        }
        catch (InvalidDataException e)
        {
            throw file.Fault(file.OffsetOf(MemorySection), e.Message.TrimEnd('.'));
        }
    }
}

/// <summary>The part of a checkpoint that is no table.</summary>
internal sealed record CheckpointFacts(string Fingerprint, long Rows, int Columns, TrainingState State);

/// <summary>How checkpoints are written as JSON, without reflection.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CheckpointFacts))]
[JsonSerializable(typeof(IndexAuditNote))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
