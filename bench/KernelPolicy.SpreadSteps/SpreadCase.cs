using System.Diagnostics;
using KernelPolicy.Data;
using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.SpreadSteps;

/// <summary>A drawn catalogue with contexts, on one rank, and how its steps are timed.</summary>
internal abstract class SpreadCase : IDisposable
{
    // As the tool's bench: halves of the twenty items that the paper asks of a user at least.
    private const int ItemsPerHalf = 10;
    private const int MostContexts = 100_000;
    private const int WarmupSteps = 100;
    private const double LearningRate = 1e-4;

    private readonly RankGathering _counts;

    protected SpreadCase(ICommunicator communicator, SpreadRequest request)
    {
        (Communicator, Request) = (communicator, request);
        Team = new WorkerTeam(request.Threads);
        Workload = SyntheticWorkload.Create(request.Items, request.Dimension, MostContexts, ItemsPerHalf, ItemsPerHalf, Seed, Team);
        _counts = new RankGathering(communicator, 2);
    }

    protected static ulong Seed => 1;

    protected ICommunicator Communicator { get; }

    protected SpreadRequest Request { get; }

    protected WorkerTeam Team { get; }

    protected SyntheticWorkload Workload { get; }

    protected abstract string Spread { get; }

    public StepTime Measure(int batchSize)
    {
        using SpreadSteps spread = Prepare(batchSize);
        TrainingStep steps = spread.Steps;
        steps.Theta.CopyFrom(Theta.Initialise(Request.Dimension, ThetaInitialisation.Identity, 0, Seed));
        steps.Push();
        int[] order = [.. Enumerable.Range(0, spread.Contexts)];
        new RandomDraws(Seed, RandomPurpose.EpochOrder, 0, Communicator.Rank).Shuffle(order);
        steps.SetOrder(order);
        Run(steps, spread, 0, WarmupSteps);
        steps.Collect();
        Communicator.Barrier();
        RankTraffic before = Communicator.Traffic;
        double waited = spread.Waited();
        long start = Stopwatch.GetTimestamp();
        Run(steps, spread, WarmupSteps, Request.Steps);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double bytes = 0, least = double.PositiveInfinity, most = 0;
        ReadOnlySpan<double> counts = _counts.Run([Communicator.Traffic.Since(before).Bytes, spread.Waited() - waited]);
        for (int rank = 0; rank < Communicator.Size; rank++)
        {
            bytes += counts[2 * rank];
            least = Math.Min(least, counts[(2 * rank) + 1]);
            most = Math.Max(most, counts[(2 * rank) + 1]);
        }

        return new StepTime(
            Spread, Communicator.Size, Request.Threads, Request.Items, batchSize, spread.ContextsOfAStep,
            steps.Heads == HeadTiming.SameStep ? "same-step" : "step-before", seconds / Request.Steps * 1e3,
            least / Request.Steps * 1e3, most / Request.Steps * 1e3, steps.Collect().QuerySeconds / Request.Steps * 1e3, bytes / Request.Steps,
            spread.FormulaBytes, Communicator.Carrier);
    }

    public virtual void Dispose()
    {
        _counts.Dispose();
        Workload.Dispose();
        Team.Dispose();
    }

    protected abstract SpreadSteps Prepare(int batchSize);

    /// <summary>The graph over some items, from its file where it has one.</summary>
    protected HnswIndex Graph(Matrix items, string name)
    {
        HnswOptions options = new() { EfSearch = Request.EfSearch, Seed = Seed };
        string? path = Request.Graphs is null ? null : Path.Combine(Request.Graphs, $"{name}-{Request.Dimension}.kpindex");
        if (path is not null && File.Exists(path))
            return HnswIndex.Load(path, items).WithEfSearch(Request.EfSearch);
        HnswIndex built = HnswIndex.Build(items, options, null, Team);
        if (path is not null)
            built.Save(path);
        return built;
    }

    private static void Run(TrainingStep steps, SpreadSteps spread, int first, int count)
    {
        int batch = spread.OwnContexts, batches = spread.Contexts / batch;
        for (int step = first; step < first + count; step++)
            steps.Run((long)(step % batches) * batch, batch, step, LearningRate);
    }
}

/// <summary>Steps of one batch size, with what they stand on.</summary>
/// <param name="steps">The steps.</param>
/// <param name="contexts">Contexts of this rank.</param>
/// <param name="ownContexts">Of these, in a step.</param>
/// <param name="contextsOfAStep">Contexts of a step, all ranks together.</param>
/// <param name="formulaBytes">Bytes of a step by the formula.</param>
/// <param name="waited">Seconds that this rank has waited so far.</param>
/// <param name="beneath">Disposed with it.</param>
internal sealed class SpreadSteps(
    TrainingStep steps, int contexts, int ownContexts, int contextsOfAStep, long formulaBytes, Func<double> waited, params IDisposable[] beneath)
    : IDisposable
{
    public TrainingStep Steps => steps;

    public int Contexts => contexts;

    public int OwnContexts => ownContexts;

    public int ContextsOfAStep => contextsOfAStep;

    public long FormulaBytes => formulaBytes;

    public double Waited() => waited();

    public void Dispose()
    {
        steps.Theta.Dispose();
        steps.Dispose();
        foreach (IDisposable one in beneath)
            one.Dispose();
    }
}
