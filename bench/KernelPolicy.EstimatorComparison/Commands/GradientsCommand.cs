using System.CommandLine;
using System.Globalization;
using KernelPolicy.EstimatorComparison.Measuring;
using KernelPolicy.EstimatorComparison.Problems;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.EstimatorComparison.Commands;

/// <summary>`gradients`: errors of every estimator's gradient, flat, middle and sharp, with sparse and with dense reward.</summary>
internal sealed class GradientsCommand : Command
{
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "Interactions to read; without any, a catalogue is drawn.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _name = new("--name") { Description = "Name of the data in the results.", DefaultValueFactory = _ => "synthetic" };

    private readonly Option<int> _items = new("--items") { Description = "P of the catalogue drawn.", DefaultValueFactory = _ => 200_000 };

    private readonly Option<int> _dimension = new("--dim") { Description = "L of the catalogue drawn.", DefaultValueFactory = _ => 64 };

    private readonly Option<int> _contexts = new("--contexts") { Description = "Contexts, one batch.", DefaultValueFactory = _ => 64 };

    private readonly Option<int> _repetitions = new("--repetitions") { Description = "Estimates of each.", DefaultValueFactory = _ => 20 };

    private readonly Option<string[]> _estimators = new("--estimators")
    {
        Description = "Which; such as mixture-1000-256-0.8 and strata-64-128.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ =>
        [
            "uniform-1000", "mixture-1000-256-0.2", "mixture-1000-256-0.5", "mixture-1000-256-0.8", "mixture-1000-256-auto", "strata-256-128", "strata-64-128",
            "strata-64-128-own", "strata-64-128-plain", "strata-256-800-own", "strata-8-16", "strata-0-128",
        ],
    };

    private readonly Option<string> _out = new("--out") { Description = "CSV file to write.", Required = true };

    /// <summary>The command.</summary>
    public GradientsCommand()
        : base("gradients", "Measures errors of gradients against the exact sum.")
    {
        foreach (Option option in (Option[])[_data, _name, _items, _dimension, _contexts, _repetitions, _estimators, _out])
            Add(option);
        SetAction(Execute);
    }

    private void Execute(ParseResult parsed)
    {
        using WorkerTeam team = new(Environment.ProcessorCount);
        string[] files = parsed.GetValue(_data) ?? [];
        int count = parsed.GetRequiredValue(_contexts);
        using ComparedProblem problem = files.Length > 0
            ? ComparedProblem.Read(parsed.GetRequiredValue(_name), files, 1, team)
            : ComparedProblem.Draw(parsed.GetRequiredValue(_items), parsed.GetRequiredValue(_dimension), count, 1, team);
        int n = problem.Train.Contexts.Count;
        int[] contexts = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * n / count))];
        using StreamWriter writer = new(parsed.GetRequiredValue(_out));
        writer.WriteLine("data,reward,stage,scale,perplexity,estimator,median,pooled,bias,claimed,ms");
        foreach (PolicyStage stage in PolicyStage.For(problem.Train, contexts))
        {
            using Matrix projected = new(count, problem.Items.Columns);
            for (int i = 0; i < count; i++)
            {
                problem.Train.Contexts.Fill(contexts[i], projected, i);
                System.Numerics.Tensors.TensorPrimitives.Multiply(projected.Row(i), (float)stage.Scale, projected.Row(i));
            }

            foreach (bool dense in new[] { false, true })
            {
                TrainingProblem rewarded = dense ? Dense(problem.Train) : problem.Train;
                foreach (string name in parsed.GetRequiredValue(_estimators))
                {
                    GradientErrors errors = GradientErrors.Measure(
                        rewarded, projected, contexts, ComparedEstimators.Parse(name), parsed.GetRequiredValue(_repetitions), team);
                    string line = string.Create(
                        CultureInfo.InvariantCulture,
                        $"{problem.Name},{(dense ? "dense" : "sparse")},{stage.Name},{stage.Scale:G5},{stage.Perplexity:G5},{name}," +
                        $"{errors.Median:G4},{errors.Pooled:G4},{errors.Bias:G4},{errors.Claimed:G4},{errors.Milliseconds:G4}");
                    writer.WriteLine(line);
                    Console.WriteLine(line);
                }
            }
        }
    }

    // A model of the reward as DR has one: a logistic function of a direction of β, everywhere between 0 and 1.
    private static TrainingProblem Dense(TrainingProblem sparse)
    {
        int dimension = sparse.Items.Columns;
        double[] direction = [.. Enumerable.Range(0, dimension).Select(
            l => new RandomDraws(2, RandomPurpose.Synthetic, 0, 0).Normal((uint)l))];
        double[] linear = [.. Enumerable.Range(0, (int)sparse.Items.Rows).Select(a => Dot(sparse.Items.Row(a), direction))];
        double spread = Math.Sqrt(linear.Average(v => v * v));
        float[] reward = [.. linear.Select(v => (float)(1 / (1 + Math.Exp(-v / spread))))];
        return new TrainingProblem(
            sparse.Items, sparse.Contexts, new RewardFunction(sparse.Contexts.Count, (_, item) => reward[item]));
    }

    private static double Dot(ReadOnlySpan<float> row, double[] direction)
    {
        double sum = 0;
        for (int l = 0; l < direction.Length; l++)
            sum += row[l] * direction[l];
        return sum;
    }
}
