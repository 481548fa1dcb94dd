using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Files;

namespace KernelPolicy.Cli.Study;

/// <summary>The folder of a study: a file for each cell measured, and the report. What a cell's file holds is never measured
/// again.</summary>
/// <param name="root">The folder; it need not exist yet.</param>
internal sealed class StudyFolder(string root)
{
    private string IdentityPath => Path.Combine(root, "study.json");

    /// <summary>The folder.</summary>
    public string Root => root;

    /// <summary>The report.</summary>
    public string Report => Path.Combine(root, "report.html");

    /// <summary>Where a file of the results goes.</summary>
    public string Result(string name) => Path.Combine(root, name);

    /// <summary>Where the training of a cell that was stopped goes on.</summary>
    public RunFolder Unfinished(StudyCell cell) => new(Path.Combine(root, "unfinished", cell.Name));

    /// <summary>Makes the folder one of this study.</summary>
    /// <exception cref="ArgumentException">It holds another.</exception>
    /// <exception cref="InvalidDataException">Its study.json is not one.</exception>
    public void Claim(StudyIdentity identity)
    {
        if (!File.Exists(IdentityPath))
        {
            Write(IdentityPath, identity, StudyJson.Default.StudyIdentity);
            return;
        }

        if (identity.DifferenceFrom(Read(IdentityPath, StudyJson.Default.StudyIdentity)) is { } difference)
        {
            throw new ArgumentException(
                $"{root} holds a study with {difference}: their figures must not stand in one table. Give this one another --out.");
        }
    }

    /// <summary>The identity that it was claimed with.</summary>
    public StudyIdentity Identity() => Read(IdentityPath, StudyJson.Default.StudyIdentity);

    /// <summary>What a cell came to; null where it has not been measured.</summary>
    /// <exception cref="InvalidDataException">Its file is damaged or another cell's.</exception>
    public CellResult? Find(StudyCell cell)
    {
        string path = PathOf(cell);
        if (!File.Exists(path))
            return null;
        CellResult result = Read(path, StudyJson.Default.CellResult);
        if (result.Cell != cell.Name)
            throw new InvalidDataException($"{path} is of the cell '{result.Cell}'; '{cell.Name}' was expected. Remove it to measure it anew.");
        if (result is { Failure: null, Steps: null, Learning: null })
            throw new InvalidDataException($"{path} has no figures; 'steps', 'learning' or 'failure' was expected. Remove it to measure it anew.");
        return result;
    }

    /// <summary>Keeps what a cell came to.</summary>
    public void Keep(StudyCell cell, CellResult result)
    {
        Write(PathOf(cell), result, StudyJson.Default.CellResult);
        RunFolder unfinished = Unfinished(cell);
        if (Directory.Exists(unfinished.Root))
            Directory.Delete(unfinished.Root, recursive: true);
        string all = Path.GetDirectoryName(unfinished.Root)!;
        if (Directory.Exists(all) && !Directory.EnumerateFileSystemEntries(all).Any())
            Directory.Delete(all);
    }

    private string PathOf(StudyCell cell) => Path.Combine(root, "cells", cell.Name + ".json");

    private static void Write<T>(string path, T value, JsonTypeInfo<T> type) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, value, type));

    private static T Read<T>(string path, JsonTypeInfo<T> type)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, type)
                ?? throw new InvalidDataException($"{path} holds null; an object was expected. Remove it to measure it anew.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"{path}, line {e.LineNumber + 1}, byte {e.BytePositionInLine}: not the JSON of a study. Remove it to measure it anew.", e);
        }
    }
}
