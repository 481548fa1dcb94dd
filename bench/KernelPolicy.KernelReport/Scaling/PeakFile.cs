using System.Globalization;

namespace KernelPolicy.KernelReport.Scaling;

/// <summary>Reads what a machine was measured to do: the file that <c>bench/compare-index</c> writes as machine.machine.csv.</summary>
internal static class PeakFile
{
    /// <summary>The rate of reading at the most threads.</summary>
    /// <param name="file">The file.</param>
    /// <param name="memoryBytes">Bytes of memory, which the file does not have.</param>
    /// <exception cref="InvalidDataException">It has no such rate.</exception>
    public static MachinePeaks Read(string file, double memoryBytes)
    {
        string[][] lines = [.. File.ReadLines(file).Select(CsvLine.Fields)];
        string[] head = lines.Length > 0 ? lines[0] : [];
        (int measure, int threads, int value) = (Array.IndexOf(head, "measure"), Array.IndexOf(head, "threads"), Array.IndexOf(head, "value"));
        if (measure < 0 || threads < 0 || value < 0)
            throw new InvalidDataException($"{file}, line 1: there must be columns measure, threads and value.");
        double best = lines.Skip(1).Where(line => line.Length == head.Length && line[measure] == "read_gbps")
            .OrderBy(line => double.Parse(line[threads], CultureInfo.InvariantCulture))
            .Select(line => double.Parse(line[value], CultureInfo.InvariantCulture)).LastOrDefault();
        return best > 0
            ? new MachinePeaks(best * 1e9, memoryBytes)
            : throw new InvalidDataException($"{file} has no line of the measure read_gbps.");
    }
}
