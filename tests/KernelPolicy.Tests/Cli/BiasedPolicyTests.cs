using System.Globalization;
using System.Text.Json;
using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Data;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>A policy file with a bias b, h = xΘ + b, through the commands for contexts of features.</summary>
internal sealed class BiasedPolicyTests
{
    private const int Items = 12;

    [Test]
    public void Evaluation_takes_the_bias([Values("exact", "estimated")] string probabilities)
    {
        using TestFolder folder = new();
        string log = folder.BanditLog();
        string biased = Biased(folder, log);
        double Value(string policy) => ToolRun.Of(
            "evaluate-log", "--policy", policy, "--log", log, "--decisions", "all", "--reward-model", "none", "--bootstrap", "0",
            "--probabilities", probabilities, "--top-k", "3", "--tail", "20", "--json")
            .Json.GetProperty("evaluation").GetProperty("estimates").EnumerateArray()
            .Single(e => e.GetProperty("estimator").GetString() == "ips").GetProperty("value").GetDouble();

        using SoftmaxPolicy policy = PolicyFile.Load(biased);
        (double[][] x, int[] actions, double[] rewards, double[] propensities) = Rows(policy, log);
        double expected = x.Select((row, i) => Probabilities(policy, row)[actions[i]] * rewards[i] / propensities[i]).Average();
        // Scores of size |h·β| below 20 in single precision, 2·L products deep, L at most 16: ln π is off by 2·20·γ_33 < 1e-4.
        Assert.That(Value(biased), Is.EqualTo(expected).Within(1e-4 * expected));
        Assert.That(Value(folder["run"]), Is.Not.EqualTo(expected).Within(1e-2 * expected), "the bias matters");
    }

    [Test]
    public void Recommendations_take_the_bias()
    {
        using TestFolder folder = new();
        string log = folder.BanditLog();
        string biased = Biased(folder, log);
        using SoftmaxPolicy policy = PolicyFile.Load(biased);
        (string[] names, string[][] cells) = Cells(policy, log);
        string[] features = [.. names.SelectMany((name, i) => new[] { "--feature", $"{name}={cells[0][i]}" })];
        JsonElement[] list = [.. ToolRun.Of(["recommend", "--policy", biased, "--count", "12", "--json", .. features])
            .Json.GetProperty("recommendations")[0].GetProperty("items").EnumerateArray()];
        double[] scores = Scores(policy, Rows(policy, log).X[0]);
        // As above, without the exponential.
        foreach (JsonElement item in list)
        {
            Assert.That(policy.TryFind(item.GetProperty("id").GetString()!, out int number));
            Assert.That(item.GetProperty("score").GetDouble(), Is.EqualTo(scores[number]).Within(5e-5));
        }

        Assert.That(list, Has.Length.EqualTo(Items));
    }

    /// <summary>Θ = 0: π(a|x) ∝ e^{b·β_a} whatever the context.</summary>
    [Test]
    public void The_true_value_takes_the_bias()
    {
        using SyntheticBandit truth = SyntheticBandit.Create(new SyntheticBanditOptions { Items = Items, Contexts = 30, Dimension = 4, Seed = 5 });
        using Matrix theta = new(4, 4), items = Seeded.Matrix(1, Items, 4), bias = Seeded.Matrix(2, 1, 4);
        double[] pi = Softmax.Weights(Linear.Scores(Seeded.Wide(bias.Row(0)), Seeded.Wide(items)));
        double expected = Enumerable.Range(0, 30).Average(
            context => pi.Select((p, item) => p * truth.RewardProbability(context, item)).Sum());
        // Sums of 30·12 positive terms and a softmax of 12 in double precision: below 500 roundings of 1.1e-16.
        Assert.That(TrueValues.Of(truth, new QueryMap(theta, bias), items).Policy, Is.EqualTo(expected).Within(6e-14 * expected));
    }

    /// <summary>Trains on a log, and writes the policy once more with a bias.</summary>
    private static string Biased(TestFolder folder, string log)
    {
        Assert.That(ToolRun.Of(folder.TrainLog(log, "run")).Code, Is.Zero);
        using SoftmaxPolicy trained = PolicyFile.Load(new RunFolder(folder["run"]).Policy);
        // Not disposed: all tables but b are those of the trained one.
        Matrix bias = Seeded.Matrix(7, 1, trained.Items.Columns);
        string path = folder["biased.kp"];
        PolicyFile.Save(path, new SoftmaxPolicy(trained.Theta, trained.Items, trained.ItemIds, trained.Facts, bias));
        bias.Dispose();
        return path;
    }

    private static (double[][] X, int[] Actions, double[] Rewards, double[] Propensities) Rows(SoftmaxPolicy policy, string log)
    {
        LogRecipe recipe = Recipe(policy);
        (string[] names, string[][] cells) = Cells(policy, log);
        double[][] x = new double[cells.Length][];
        for (int row = 0; row < x.Length; row++)
        {
            List<string> unknown = [];
            float[] encoded = recipe.Encode(names.Zip(cells[row]).ToDictionary(pair => pair.First, pair => pair.Second), unknown);
            x[row] = [.. encoded.Select(value => (double)value), .. new double[policy.Items.Columns - encoded.Length]];
            Assert.That(unknown, Is.Empty);
        }

        string[][] lines = [.. File.ReadLines(log).Select(line => line.Split(','))];
        double[] Column(string name) => [.. lines.Skip(1).Select(
            line => double.Parse(line[Array.IndexOf(lines[0], name)], CultureInfo.InvariantCulture))];
        int[] actions = [.. lines.Skip(1).Select(line => policy.TryFind(line[Array.IndexOf(lines[0], "action")], out int item) ? item : -1)];
        return (x, actions, Column("reward"), Column("propensity"));
    }

    /// <summary>The texts of the features of each decision, in the encoding's order.</summary>
    private static (string[] Names, string[][] Cells) Cells(SoftmaxPolicy policy, string log)
    {
        string[] names = [.. Recipe(policy).Encoding!.Columns.Select(column => column.Name)];
        string[][] lines = [.. File.ReadLines(log).Select(line => line.Split(','))];
        int[] places = [.. names.Select(name => Array.IndexOf(lines[0], name))];
        return (names, [.. lines.Skip(1).Select(line => places.Select(place => line[place]).ToArray())]);
    }

    private static LogRecipe Recipe(SoftmaxPolicy policy) =>
        JsonSerializer.Deserialize(policy.Facts[PolicyFact.LogRecipe], ToolJson.Default.LogRecipe)!;

    private static double[] Probabilities(SoftmaxPolicy policy, double[] x) => Softmax.Weights(Scores(policy, x));

    private static double[] Scores(SoftmaxPolicy policy, double[] x) => Linear.Scores(
        [.. Linear.Project(x, Seeded.Wide(policy.Theta)).Zip(Seeded.Wide(policy.Bias!.Row(0)), (h, b) => h + b)],
        Seeded.Wide(policy.Items));
}
