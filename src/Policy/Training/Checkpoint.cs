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
    private const int Version = 2;

    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    public static void Save(
        string path, string fingerprint, TrainingState state, TrainingTables tables, IEstimatorMemory? memory = null)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            new CheckpointFacts(fingerprint, tables.Theta.Rows, tables.Theta.Columns, state), CheckpointJson.Default.CheckpointFacts);
        SectionFileWriter.Write(path, Kind, Version,
        [
            SectionToWrite.Of("facts", json),
            SectionFileReader.WriteMatrix("theta", tables.Theta),
            SectionFileReader.WriteMatrix("first-moment", tables.FirstMoment),
            SectionFileReader.WriteMatrix("second-moment", tables.SecondMoment),
            SectionFileReader.WriteMatrix("best-theta", tables.Best),
            .. memory is null ? (SectionToWrite[])[] : [new SectionToWrite(MemorySection, memory.Write)],
        ]);
    }

    /// <summary>Reads a checkpoint into the tables.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or belongs to another training.</exception>
    public static TrainingState Load(
        string path, string fingerprint, TrainingTables tables, IEstimatorMemory? memory = null)
    {
        using var file = new SectionFileReader(path, Kind, Version);
        CheckpointFacts facts = file.ReadJson("facts", CheckpointJson.Default.CheckpointFacts);
        if (facts.State is null)
            throw file.Fault(0, "the state of a training expected, found none");
        if (facts.Fingerprint != fingerprint)
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
        if (memory is not null)
            ReadMemory(file, memory);
        tables.Theta.CopyFrom(theta);
        tables.FirstMoment.CopyFrom(first);
        tables.SecondMoment.CopyFrom(second);
        tables.Best.CopyFrom(best);
        return facts.State;
    }

    private static void ReadMemory(SectionFileReader file, IEstimatorMemory memory)
    {
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
internal sealed partial class CheckpointJson : JsonSerializerContext;
