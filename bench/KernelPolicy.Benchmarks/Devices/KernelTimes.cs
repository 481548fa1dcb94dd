using System.Globalization;
using System.Text;
using KernelPolicy.Bench;
using KernelPolicy.Data;
using KernelPolicy.DeviceTraining;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.Benchmarks.Devices;

/// <summary>Times the kernels of every estimator on one device.</summary>
internal sealed class KernelTimes : IDisposable
{
    private const int WarmUpSteps = 2;

    private readonly ComputeDevice _device;
    private readonly WorkerTeam _team = new(1);
    private readonly SyntheticWorkload _workload;
    private readonly TrainingProblem _problem;
    private readonly StepShape _shape;

    /// <summary>Opens the device and draws a catalogue.</summary>
    /// <exception cref="DeviceUnavailableException">There is none such.</exception>
    public KernelTimes(AcceleratorKind kind, StepShape shape)
    {
        _device = ComputeDevice.Open(kind);
        _shape = shape;
        int contexts = shape.BatchSize * (shape.Steps + WarmUpSteps);
        _workload = SyntheticWorkload.Create(shape.Items, shape.Dimension, contexts, shape.ItemsPerHalf, shape.ItemsPerHalf, 1, _team);
        _problem = TrainingProblem.SessionCompletion(_workload.Items, _workload.Histories, _workload.Rewarded);
    }

    /// <summary>A table of an estimator's kernels for each estimator and each precision of β.</summary>
    public void WriteTo(StringBuilder text)
    {
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"## {_device.Name} ({_device.Kind}), P = {_shape.Items:N0}, L = {_shape.Dimension}, B = {_shape.BatchSize}, S = {_shape.Samples}, K = {_shape.TopK}");
        text.AppendLine();
        MarkdownTable table = new("<estimator", "<β", "<kernel", "launches a step", "µs a launch", "µs a step");
        EstimatorOptions[] estimators =
        [
            new UniformOptions(_shape.Samples), new MixtureOptions(_shape.Samples, _shape.TopK),
            new StrataOptions(_shape.TopK / 4, _shape.Samples / 8), new ExactOptions(), new ReinforceOptions(_shape.Samples),
        ];
        foreach (EstimatorOptions options in estimators)
        {
            foreach (ItemPrecision precision in Enum.GetValues<ItemPrecision>())
                Measure(options, precision, table);
        }

        table.WriteTo(text);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _workload.Dispose();
        _team.Dispose();
        _device.Dispose();
    }

    private void Measure(EstimatorOptions options, ItemPrecision precision, MarkdownTable table)
    {
        using DeviceTrainingSteps steps = new(
            _device, _problem, options, new DeviceTrainingOptions { BatchSize = _shape.BatchSize, Precision = precision }, _team);
        using Matrix theta = Theta.Initialise(_problem.Items.Columns, ThetaInitialisation.Identity, 0, 1);
        steps.Theta.CopyFrom(theta);
        steps.Push();
        steps.SetOrder([.. Enumerable.Range(0, _problem.Contexts.Count)]);
        Take(0, WarmUpSteps);
        LaunchProfile profile = new();
        _device.Profile = profile;
        Take(WarmUpSteps, _shape.Steps);
        _device.Synchronise();
        _device.Profile = null;
        foreach ((string kernel, long launches, double milliseconds) in profile.Kernels)
        {
            table.Add(
                steps.EstimatorName, precision.ToString().ToLowerInvariant(), kernel, MarkdownTable.Number((double)launches / _shape.Steps),
                MarkdownTable.Number(milliseconds * 1e3 / launches), MarkdownTable.Number(milliseconds * 1e3 / _shape.Steps));
        }

        void Take(int first, int count)
        {
            for (int i = first; i < first + count; i++)
                steps.Run((long)i * _shape.BatchSize, _shape.BatchSize, i, 1e-4);
            steps.Collect();
        }
    }
}

/// <summary>What steps are made of.</summary>
/// <param name="Items">P.</param>
/// <param name="Dimension">L.</param>
/// <param name="BatchSize">B.</param>
/// <param name="Samples">S; strata draw an eighth.</param>
/// <param name="TopK">K; strata ask for a quarter.</param>
/// <param name="ItemsPerHalf">Items of a history, and rewarded ones.</param>
/// <param name="Steps">Steps of each estimator.</param>
internal sealed record StepShape(int Items, int Dimension, int BatchSize, int Samples, int TopK, int ItemsPerHalf, int Steps)
{
    /// <summary>What the emulator does in seconds.</summary>
    public static StepShape Emulated { get; } = new(64, 16, 4, 16, 8, 1, 1);

    /// <summary>The paper's setting.</summary>
    public static StepShape Of(int items, int dimension, int steps) => new(items, dimension, 32, 1000, 256, 10, steps);
}
