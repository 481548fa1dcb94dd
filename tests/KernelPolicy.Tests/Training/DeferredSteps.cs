using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Training;

/// <summary>Steps as a device does them: none is done before it is collected, in tables that the host sees after a pull
/// alone.</summary>
internal sealed class DeferredSteps : ITrainingSteps
{
    private readonly List<(long First, int Count, long Number, double LearningRate)> _asked = [];
    private readonly Matrix _theta;
    private readonly TrainingStep _device;
    private long _start;

    public DeferredSteps(TrainingProblem problem, IGradientEstimator estimator, TrainingOptions options, WorkerTeam team)
    {
        int dimension = problem.Items.Columns;
        _theta = new Matrix(dimension, dimension);
        (Theta, FirstMoment, SecondMoment) = (new(dimension, dimension), new(dimension, dimension), new(dimension, dimension));
        _device = new TrainingStep(problem, estimator, _theta, options.BatchSize, options.Adam, team);
    }

    /// <summary>Called after each step that is asked for, with how many were.</summary>
    public Action<int> Asked { get; init; } = _ => { };

    /// <summary>The message of what a push throws; null where it works.</summary>
    public string? PushFault { get; set; }

    /// <summary>Steps asked for.</summary>
    public int Steps { get; private set; }

    /// <summary>Times the steps were collected.</summary>
    public int Collections { get; private set; }

    /// <summary>What the last collection brought.</summary>
    public StepSums Last { get; private set; }

    /// <summary>Seconds from the first step after a collection to the end of the next.</summary>
    public double Seconds { get; private set; }

    public string EstimatorName => _device.EstimatorName;

    public string Description => _device.Description;

    public string Runner => "deferred";

    public bool IsSynchronous => false;

    public bool JoinsRanks => _device.JoinsRanks;

    public IMipsIndex? Index => _device.Index;

    public int RetrievedItems => _device.RetrievedItems;

    public ItemLearning Items => _device.Items;

    public IReadOnlyList<TrainedTable> Tables => _device.Tables;

    public IEstimatorMemory? Memory => _device.Memory;

    /// <summary>That of the host's Θ.</summary>
    public QueryMap Query => new(Theta);

    /// <summary>None: G is estimated elsewhere.</summary>
    public IGradientEstimator? Estimator => null;

    public Matrix Theta { get; }

    public Matrix FirstMoment { get; }

    public Matrix SecondMoment { get; }

    public void SetOrder(ReadOnlySpan<int> order)
    {
        Assert.That(_asked, Is.Empty, "an order while steps are under way");
        _device.SetOrder(order);
    }

    public void Run(long first, int count, long number, double learningRate)
    {
        if (_asked.Count == 0)
            _start = Stopwatch.GetTimestamp();
        _asked.Add((first, count, number, learningRate));
        Asked(++Steps);
    }

    public StepSums Collect()
    {
        var asked = _asked.ToArray();
        _asked.Clear();
        foreach (var step in asked)
            _device.Run(step.First, step.Count, step.Number, step.LearningRate);
        Collections++;
        Seconds += Stopwatch.GetElapsedTime(_start).TotalSeconds;
        return Last = _device.Collect();
    }

    public void Pull()
    {
        Assert.That(_asked, Is.Empty, "a pull while steps are under way");
        Theta.CopyFrom(_theta);
        FirstMoment.CopyFrom(_device.FirstMoment);
        SecondMoment.CopyFrom(_device.SecondMoment);
    }

    public void Push()
    {
        if (PushFault is { } fault)
            throw new IOException(fault);
        _asked.Clear();
        _theta.CopyFrom(Theta);
        _device.FirstMoment.CopyFrom(FirstMoment);
        _device.SecondMoment.CopyFrom(SecondMoment);
        _device.Push();
    }

    /// <summary>Θ where the steps are taken.</summary>
    public float[] DeviceTheta() => Values(_theta);

    public static float[] Values(Matrix matrix) =>
        [.. Enumerable.Range(0, (int)matrix.Rows).SelectMany(row => matrix.Row(row).ToArray())];

    public void Dispose()
    {
        _device.Dispose();
        _theta.Dispose();
        Theta.Dispose();
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
