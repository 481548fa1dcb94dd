using System.Globalization;

namespace KernelPolicy.KernelReport.Scaling;

/// <summary>
/// Reads measured steps: a CSV file of columns <c>path,estimator,growth,items,dimension,ms,mb</c>, or a table of KernelPolicy.Comparison
/// as BenchmarkDotNet writes it (<c>Method, Catalogue, Mean, MB moved</c>, and <c>Path</c> on devices).
/// </summary>
/// <remarks>growth is constant, logarithmic or linear; mb, 10^6 bytes moved a step, may be empty. Other columns are left alone.</remarks>
internal static class MeasurementFile
{
    private static readonly Dictionary<string, CostGrowth> Methods = new()
    {
        ["Reinforce"] = CostGrowth.Linear, ["Exact"] = CostGrowth.Linear, ["Uniform"] = CostGrowth.Constant,
        ["MixtureByScan"] = CostGrowth.Linear, ["MixtureByGraph"] = CostGrowth.Logarithmic,
        ["Strata64And128"] = CostGrowth.Logarithmic, ["Strata8And16"] = CostGrowth.Logarithmic,

        // DeviceSteps, where every path scans.
        ["Mixture"] = CostGrowth.Linear, ["Strata"] = CostGrowth.Linear,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">A column is missing, or a field is not what it should be: it says where.</exception>
    public static IReadOnlyList<StepMeasurement> Read(string file)
    {
        string[] lines = File.ReadAllLines(file);
        if (lines.Length < 2)
            throw new InvalidDataException($"{file} has no line of measurements after its headings.");
        string[] head = CsvLine.Fields(lines[0]);
        return [.. lines.Index().Skip(1).Where(line => line.Item.Length > 0).Select(line => new Fields(file, line.Index + 1, head, CsvLine.Fields(line.Item)).Read())];
    }

    private sealed record Fields(string File, int Line, string[] Head, string[] Values)
    {
        public StepMeasurement Read()
        {
            if (Values.Length != Head.Length)
                throw Fault($"{Values.Length} fields instead of {Head.Length}");
            if (Find("estimator") is null)
                return ReadBenchmark();
            return new StepMeasurement(
                Text("path"), Text("estimator"), Growth(Text("growth")), Number("items"), (int)Number("dimension"), Number("ms") / 1e3,
                Find("mb") is { Length: > 0 } ? Number("mb") * 1e6 : null);
        }

        private StepMeasurement ReadBenchmark()
        {
            string method = Text("Method");
            string[] size = Text("Catalogue").Split('x');
            if (!Methods.TryGetValue(method, out CostGrowth growth))
                throw Fault($"there is no rule for how '{method}' grows; use a file with a column growth");
            if (size.Length != 2)
                throw Fault($"'{Text("Catalogue")}' is no catalogue such as 100000x100");
            return new StepMeasurement(
                Find("Path") ?? "simd", method, growth, Parse(size[0], "Catalogue"), (int)Parse(size[1], "Catalogue"), Duration(Text("Mean")),
                Find("MB moved") is { Length: > 0 } bytes && char.IsAsciiDigit(bytes[0]) ? Number("MB moved") * 1e6 : null);
        }

        private double Duration(string text)
        {
            string[] parts = text.Split(' ');
            double unit = parts.Length != 2 ? 0 : parts[1] switch { "ns" => 1e-9, "μs" or "µs" or "us" => 1e-6, "ms" => 1e-3, "s" => 1, _ => 0 };
            return unit > 0 ? Parse(parts[0], "Mean") * unit : throw Fault($"'{text}' is no time in ns, μs, ms or s");
        }

        private CostGrowth Growth(string text) => Enum.TryParse(text, ignoreCase: true, out CostGrowth growth) && Enum.IsDefined(growth)
            ? growth
            : throw Fault($"growth is '{text}'; it must be constant, logarithmic or linear");

        private double Number(string column) => Parse(Text(column), column);

        private double Parse(string text, string column) =>
            double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out double value) && value > 0 && double.IsFinite(value)
                ? value
                : throw Fault($"{column} is '{text}'; it must be a number above zero");

        private string Text(string column) => Find(column) ?? throw Fault($"there is no column '{column}'");

        private string? Find(string column) => Array.IndexOf(Head, column) is >= 0 and int place ? Values[place] : null;

        private InvalidDataException Fault(string what) => new($"{File}, line {Line}: {what}.");
    }
}

/// <summary>A line of comma-separated values; quotes hold a field with commas together.</summary>
internal static class CsvLine
{
    /// <summary>Its fields, without their quotes.</summary>
    public static string[] Fields(string line)
    {
        List<string> fields = [];
        int start = 0;
        bool isQuoted = false;
        for (int i = 0; i <= line.Length; i++)
        {
            if (i < line.Length && line[i] == '"')
                isQuoted = !isQuoted;
            if (i < line.Length && (line[i] != ',' || isQuoted))
                continue;
            fields.Add(line[start..i].Trim().Trim('"').Replace("\"\"", "\"", StringComparison.Ordinal));
            start = i + 1;
        }

        return [.. fields];
    }
}
