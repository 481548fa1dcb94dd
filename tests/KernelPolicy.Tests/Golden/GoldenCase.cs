using System.Text.Json;
using KernelPolicy.Tests.Reference;

namespace KernelPolicy.Tests.Golden;

/// <summary>
/// One file of golden numbers, computed by an independent program in double precision from the inputs it holds.
/// </summary>
internal sealed class GoldenCase
{
    private readonly JsonElement _root;

    private GoldenCase(JsonElement root)
    {
        _root = root;
        Items = Int("P");
        Dimensions = Int("L");
        Batch = Int("B");
        Samples = Int("S");
        TopK = Int("K");
        Epsilon = Number("epsilon");
        Beta = Table("beta");
        Contexts = Table("contexts");
        Theta = Table("theta");
        RewardedItems = Lists("rewarded_items");
        Rewards = [.. RewardedItems.Select(y => Enumerable.Range(0, Items).Select(a => y.Contains(a) ? 1.0 : 0.0).ToArray())];
        Scores = [.. Enumerable.Range(0, Batch).Select(
            b => Linear.Scores(Linear.Project(Linear.Row(Contexts, b), Theta), Beta))];
    }

    public int Items { get; }

    public int Dimensions { get; }

    public int Batch { get; }

    public int Samples { get; }

    public int TopK { get; }

    public double Epsilon { get; }

    public double[,] Beta { get; }

    public double[,] Contexts { get; }

    public double[,] Theta { get; }

    /// <summary>Items of reward 1, a list for each context.</summary>
    public int[][] RewardedItems { get; }

    /// <summary>The rewards in full [B][P].</summary>
    public double[][] Rewards { get; }

    /// <summary>f of every item [B][P], by the references.</summary>
    public double[][] Scores { get; }

    /// <summary>Reads `golden/<paramref name="name"/>.json` beside the tests.</summary>
    public static GoldenCase Load(string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "golden", name + ".json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return new GoldenCase(document.RootElement.Clone());
    }

    public double Number(params string[] path) => At(path).GetDouble();

    public double[] List(params string[] path) => [.. At(path).EnumerateArray().Select(e => e.GetDouble())];

    public int[][] Lists(params string[] path) =>
        [.. At(path).EnumerateArray().Select(row => row.EnumerateArray().Select(e => e.GetInt32()).ToArray())];

    public double[][] Rows(params string[] path) => Rows(At(path));

    public double[,] Table(params string[] path) => Table(At(path));

    /// <summary>A list of tables, as the parameters after each step of the optimiser.</summary>
    public double[][,] Tables(params string[] path) => [.. At(path).EnumerateArray().Select(Table)];

    private static double[][] Rows(JsonElement element) =>
        [.. element.EnumerateArray().Select(row => row.EnumerateArray().Select(e => e.GetDouble()).ToArray())];

    private static double[,] Table(JsonElement element)
    {
        double[][] rows = Rows(element);
        double[,] table = new double[rows.Length, rows[0].Length];
        for (int i = 0; i < rows.Length; i++)
        {
            for (int j = 0; j < rows[i].Length; j++)
                table[i, j] = rows[i][j];
        }

        return table;
    }

    private int Int(string name) => _root.GetProperty(name).GetInt32();

    private JsonElement At(string[] path) => path.Aggregate(_root, (element, name) => element.GetProperty(name));
}
