using System.Diagnostics.CodeAnalysis;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>
/// The steps of a training on a device. β, Θ, Adam's moments, contexts, rewards and the order of an epoch live there; a step
/// is launches alone: X of the batch, H = XΘ, G by the estimator, Adam's ascent by XᵀG/B.
/// </summary>
/// <remarks>
/// <para>Same seed and steps give the same Θ, bit for bit, on the same device and driver; from one device to another, and
/// to the SIMD path, within the rounding of sums (same draws, see <see cref="Philox"/>).</para>
/// <para>Steps are asynchronous. What stops one is noted on the device, which then leaves all tables as they were, and
/// thrown by <see cref="Collect"/>. Kernels are compiled by the constructor, which takes a step that it undoes; steps allocate
/// nothing. Not thread-safe: the
/// device refuses a second thread while one is at work.</para>
/// </remarks>
public sealed class DeviceTrainingSteps : ITrainingSteps
{
    /// <summary>The largest L.</summary>
    public const int MostDimensions = 1 << 16;

    // Launches that wait take memory of the driver's.
    private const int MostWaitingSteps = 64;

    private readonly ComputeDevice _device;
    private readonly DeviceTrainingOptions _options;
    private readonly List<IDisposable> _owned = [];
    private readonly IDeviceContexts _contexts;
    private readonly IDeviceEstimator _estimator;
    private readonly IStepKernels _kernels;
    private readonly DeviceMatrix _theta;
    private readonly DeviceMatrix _first;
    private readonly DeviceMatrix _second;
    private readonly DeviceMatrix _batchContexts;
    private readonly DeviceMatrix _projected;
    private readonly DeviceMatrix _gradients;
    private readonly DeviceArray<float> _panels;
    private readonly DeviceArray<float> _report;
    private readonly DeviceArray<int> _faults;
    private readonly DeviceArray<int> _order;
    private readonly DeviceArray<long> _marks;
    private readonly DeviceArray<double> _sums;
    private readonly int[] _hostOrder;
    private int _orderLength;
    private int _waiting;
    private double _querySeconds;

    /// <summary>Brings a training to a device and compiles its kernels.</summary>
    /// <param name="device">The device; it stays the caller's.</param>
    /// <param name="problem">Items, contexts and rewards; they stay the caller's, and may not change.</param>
    /// <param name="estimator">How gradients are estimated.</param>
    /// <param name="options">How the training is laid out.</param>
    /// <param name="team">Threads for an index on the host.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the parts do not fit.</exception>
    /// <exception cref="DeviceMemoryException">The training does not fit the device's memory.</exception>
    [RequiresDynamicCode("ILGPU compiles kernels and their launchers while the program runs.")]
    public DeviceTrainingSteps(
        ComputeDevice device, TrainingProblem problem, EstimatorOptions estimator, DeviceTrainingOptions options, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(team);
        estimator.Validate();
        options.Validate();
        Check(problem, options);
        (_device, _options) = (device, options);
        using DeviceUse use = device.Use();
        List<IDisposable> arrays = [];
        device.NewArrays = arrays;
        try
        {
            int dimension = problem.Items.Columns;
            Theta = Own(new Matrix(dimension, dimension));
            FirstMoment = Own(new Matrix(dimension, dimension));
            SecondMoment = Own(new Matrix(dimension, dimension));
            _theta = Own(new DeviceMatrix(device, dimension, dimension));
            _first = Own(new DeviceMatrix(device, dimension, dimension));
            _second = Own(new DeviceMatrix(device, dimension, dimension));
            DeviceItems items = Own(new DeviceItems(device, problem.Items, options.Precision));
            _contexts = Own(items.Build(new DeviceContextsFactory(problem.Contexts, problem.Items)));
            _batchContexts = Own(new DeviceMatrix(device, options.BatchSize, dimension));
            _projected = Own(new DeviceMatrix(device, options.BatchSize, dimension));
            _gradients = Own(new DeviceMatrix(device, options.BatchSize, dimension));
            int panels = Panels.Count(options.BatchSize);
            _panels = Own(new DeviceArray<float>(device, (long)(panels + (panels & 1)) * _projected.Stride * Panels.Width));
            _report = Own(new DeviceArray<float>(device, (long)options.BatchSize * BatchReport.Numbers));
            _faults = Own(new DeviceArray<int>(device, options.BatchSize));
            _order = Own(new DeviceArray<int>(device, problem.Contexts.Count));
            _marks = Own(new DeviceArray<long>(device, TrainingNotes.Marks));
            _sums = Own(new DeviceArray<double>(device, TrainingNotes.Sums));
            EstimatorParts parts = new(items, problem.Rewards, options.BatchSize);
            _estimator = Own(items.Build(new DeviceEstimatorFactory(estimator, parts, estimator.NeedsIndex ? options.Index : null, team)));
            _kernels = items.Build(new StepKernelsFactory());
            _hostOrder = new int[problem.Contexts.Count];
            Precision = options.Precision;
            WarmUp();
        }
        catch
        {
            // A part that could not be made whole owns arrays that nobody else knows.
            DisposeOwned();
            arrays.ForEach(array => array.Dispose());
            throw;
        }
        finally
        {
            device.NewArrays = null;
        }
    }

    /// <inheritdoc/>
    public string EstimatorName => _estimator.Name;

    /// <inheritdoc/>
    public string Description => $"{_estimator.Description}/{Kind}{(Precision == ItemPrecision.Half ? "/half" : "")}";

    /// <inheritdoc/>
    public string Runner => $"{Kind}: {_device.Name}{(Precision == ItemPrecision.Half ? ", items in half precision" : "")}";

    /// <summary>How β is kept.</summary>
    public ItemPrecision Precision { get; }

    /// <summary>Which way a step goes, and what of it is not launches alone: for people.</summary>
    public IReadOnlyList<string> Remarks => [.. _estimator.Remarks];

    /// <inheritdoc/>
    public IMipsIndex? Index => _estimator.Index;

    /// <inheritdoc/>
    public int RetrievedItems => _estimator.RetrievedItems;

    /// <inheritdoc/>
    public Matrix Theta { get; }

    /// <inheritdoc/>
    public Matrix FirstMoment { get; }

    /// <inheritdoc/>
    public Matrix SecondMoment { get; }

    private string Kind => _device.Kind switch
    {
        AcceleratorKind.Cuda => "cuda",
        AcceleratorKind.OpenCl => "opencl",
        _ => "cpu-accelerator",
    };

    /// <inheritdoc/>
    public void SetOrder(ReadOnlySpan<int> order)
    {
        if (order.Length > _hostOrder.Length)
            throw new ArgumentException($"{order.Length} contexts do not fit an order of {_hostOrder.Length}.", nameof(order));
        using DeviceUse use = _device.Use();
        order.CopyTo(_hostOrder);
        _orderLength = order.Length;
        _order.Upload(order);
        _device.Synchronise();
    }

    /// <inheritdoc/>
    public void Run(long first, int count, long number, double learningRate)
    {
        if (first < 0 || first > _orderLength)
            throw new ArgumentOutOfRangeException(nameof(first), first, $"The order has {_orderLength} contexts.");
        if (count < 1 || count > _options.BatchSize || count > _orderLength - first)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"A batch has 1 to {Math.Min(_options.BatchSize, _orderLength - first)} contexts here.");
        using DeviceUse use = _device.Use();
        BatchView view = new(_order.View, first, count, number, _options.Seed);
        BatchReport report = new(_report.View, _faults.View, hasWeights: true);
        _contexts.Project(
            view, new BatchProjection(_batchContexts.View, _theta.Table, _theta.Columns, _projected.View, _panels.View, report));
        _estimator.Estimate(
            new DeviceBatch(_hostOrder.AsSpan((int)first, count), view, _projected, _panels.View), _gradients.View, report);
        _kernels.Ascend(
            view, _batchContexts, _gradients, report, AdamConstants.Of(_options.Adam, learningRate, number + 1),
            new AdamTables(_theta.View, _first.View, _second.View), new TrainingNotes(_marks.View, _sums.View));
        if (++_waiting < MostWaitingSteps)
            return;
        _device.Synchronise();
        _waiting = 0;
    }

    /// <inheritdoc/>
    public StepSums Collect()
    {
        using DeviceUse use = _device.Use();
        Span<long> marks = stackalloc long[TrainingNotes.Marks];
        Span<double> sums = stackalloc double[TrainingNotes.Sums];
        _marks.Download(marks);
        _sums.Download(sums);
        _waiting = 0;
        double seconds = _estimator.QuerySeconds - _querySeconds;
        StrataStatistics strata = _estimator.TakeStrata();
        Reset();
        if (marks[0] != 0 || marks[1] != 0)
        {
            bool isGradient = marks[1] == 0 || (marks[0] != 0 && marks[0] <= marks[1]);
            throw new TrainingDivergedException((isGradient ? marks[0] : marks[1]) - 1, isGradient ? "gradient of Θ" : "Θ");
        }

        return new StepSums((long)sums[0], sums[1], sums[2], sums[3], seconds) { Strata = strata };
    }

    /// <inheritdoc/>
    public void Pull()
    {
        using DeviceUse use = _device.Use();
        _theta.Download(Theta);
        _first.Download(FirstMoment);
        _second.Download(SecondMoment);
    }

    /// <inheritdoc/>
    public void Push()
    {
        using DeviceUse use = _device.Use();
        _device.Synchronise();
        _theta.Upload(Theta);
        _first.Upload(FirstMoment);
        _second.Upload(SecondMoment);
        Reset();
    }

    /// <summary>Frees the memory of the device that the training took.</summary>
    public void Dispose()
    {
        using DeviceUse use = _device.Use();
        _device.Synchronise();
        DisposeOwned();
    }

    private static void Check(TrainingProblem problem, DeviceTrainingOptions options)
    {
        if (problem.Items.Rows is < 1 or > int.MaxValue - CatalogueShape.MostBlockItems)
            throw new ArgumentException($"The catalogue must have 1 to {int.MaxValue - CatalogueShape.MostBlockItems} items.", nameof(problem));
        if (problem.Items.Columns > MostDimensions)
            throw new ArgumentException($"Items have {problem.Items.Columns} dimensions; a device takes 1 to {MostDimensions}.", nameof(problem));
        if (options.Index is not null && !ReferenceEquals(options.Index.Items, problem.Items))
            throw new ArgumentException("The index searches other items than the training's.", nameof(options));
    }

    // Drivers finish compiling a kernel when it is launched first. Nothing of this step stays: Θ is zero, and so is its rate.
    private void WarmUp()
    {
        int count = Math.Min(_hostOrder.Length, _options.BatchSize);
        if (count > 0)
        {
            for (int i = 0; i < count; i++)
                _hostOrder[i] = i;
            SetOrder(_hostOrder.AsSpan(0, count));
            Run(0, count, 0, learningRate: 0);
        }

        _device.Synchronise();
        (_orderLength, _waiting) = (0, 0);
        _theta.Clear();
        _first.Clear();
        _second.Clear();
        Reset();
    }

    private void Reset()
    {
        _marks.Clear();
        _sums.Clear();
        _estimator.TakeStrata();
        _querySeconds = _estimator.QuerySeconds;
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }

    private void DisposeOwned()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
            _owned[i].Dispose();
        _owned.Clear();
    }
}
