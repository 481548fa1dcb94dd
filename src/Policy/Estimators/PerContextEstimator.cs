using System.Numerics.Tensors;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The frame of all estimators: what concerns the whole batch first, then each context by itself, divided among the team.
/// </summary>
internal abstract unsafe class PerContextEstimator : IGradientEstimator, IParallelWork
{
    private readonly double[] _rewards;
    private readonly double[] _sampleSizes;
    private readonly double[] _largestWeights;
    private readonly Matrix? _ownDrifts;
    private Matrix? _drifts;
    private Matrix? _gradients;

    protected PerContextEstimator(EstimatorSetting setting)
    {
        Setting = setting;
        _rewards = new double[setting.BatchSize];
        _sampleSizes = new double[setting.BatchSize];
        _largestWeights = new double[setting.BatchSize];
        _ownDrifts = setting.Objective.NeedsReference ? new Matrix(setting.BatchSize, setting.Items.Columns) : null;
    }

    public abstract string Name { get; }

    public string Description => Method + Setting.Objective.Description;

    public TrainingObjective Objective => Setting.Objective;

    public virtual IMipsIndex? Index => null;

    public virtual int RetrievedItems => 0;

    public virtual IEstimatorMemory? Memory => null;

    public BatchStatistics Statistics { get; private set; }

    public CoefficientTable? Coefficients => Setting.Coefficients;

    /// <summary>The method with all its parameters, the objective apart.</summary>
    protected abstract string Method { get; }

    protected EstimatorSetting Setting { get; }

    protected EstimatorBatch Batch { get; private set; } = null!;

    /// <summary>Seconds of index search in this batch, set by <see cref="Prepare"/>.</summary>
    protected double QuerySeconds { get; set; }

    /// <summary>What the strata of this batch say of themselves, where the method has any.</summary>
    protected virtual StrataStatistics Strata => default;

    /// <summary>The mean over this batch of the ε that the method chose; NaN where it chooses none.</summary>
    protected virtual double Epsilon => double.NaN;

    public void Estimate(EstimatorBatch batch, Matrix gradients)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(gradients);
        if (batch.Count > _rewards.Length || batch.Count > gradients.Rows
            || gradients.Columns != Setting.Items.Columns || batch.Projected.Columns != Setting.Items.Columns)
        {
            throw new ArgumentException(
                $"{batch.Count} contexts of {batch.Projected.Columns} dimensions and gradients [{gradients.Rows}, " +
                $"{gradients.Columns}] do not fit an estimator for [{_rewards.Length}, {Setting.Items.Columns}].");
        }

        (Batch, _gradients, QuerySeconds) = (batch, gradients, 0);
        _drifts = Drifts(batch);
        Prepare();
        EstimateContexts();
        Statistics = new BatchStatistics(
            Mean(_rewards, batch.Count), Mean(_sampleSizes, batch.Count), Mean(_largestWeights, batch.Count), QuerySeconds)
        {
            Strata = Strata,
            Epsilon = Epsilon,
        };
    }

    public virtual void ItemsMoved(ReadOnlySpan<int> items)
    {
    }

    public virtual void Dispose() => _ownDrifts?.Dispose();

    void IParallelWork.Execute(int index, int worker)
    {
        float* g = _gradients!.RowPointer(index);
        new Span<float>(g, _gradients.Stride).Clear();
        Setting.Coefficients?.Clear(index);
        EstimateContext(index, Batch.Contexts[index], worker, g);
        if (Setting.Coefficients is not null && Objective.Kind == ObjectiveKind.LogLikelihood)
            KeepRewarded(index, Batch.Contexts[index]);
    }

    /// <summary>What is done once a batch, before its contexts.</summary>
    protected virtual void Prepare()
    {
    }

    /// <summary>Estimates the contexts of the batch; a method that is not content with its estimates does so again.</summary>
    protected virtual void EstimateContexts() => Setting.Team.Run(this, Batch.Count);

    /// <summary>Adds g of one context to <paramref name="g"/>, which is zero, and reports on it.</summary>
    protected abstract void EstimateContext(int position, int context, int worker, float* g);

    /// <summary>The draws of one context in this step.</summary>
    protected RandomDraws Draws(int position) => new(Setting.Seed, RandomPurpose.Proposal, Batch.Step, Batch.Numbers[position]);

    /// <summary>h − h_ref of one context, padded; null where nothing pulls to a reference.</summary>
    protected float* Drift(int position) => _drifts is null ? null : _drifts.RowPointer(position);

    /// <summary>Keeps coefficients of one context, where somebody wants them; the Σ_Y r of a log-likelihood is kept for all
    /// methods alike.</summary>
    protected void Keep(int position, ReadOnlySpan<int> items, ReadOnlySpan<float> coefficients) =>
        Setting.Coefficients?.Add(position, items, coefficients);

    /// <summary>Notes what one context said of itself.</summary>
    protected void Report(int position, double reward, double sampleSize = double.NaN, double largestWeight = double.NaN)
    {
        _rewards[position] = reward;
        _sampleSizes[position] = sampleSize;
        _largestWeights[position] = largestWeight;
    }

    // h − h_ref before scores are made of it: near the reference, f − f_ref would be rounded as f is.
    private Matrix? Drifts(EstimatorBatch batch)
    {
        if (Objective.KlWeight == 0)
            return null;
        if (_ownDrifts is null)
            return batch.Projected;
        if (batch.ReferenceProjected is not { } reference || reference.Columns != _ownDrifts.Columns)
            throw new ArgumentException("The objective needs the projections of its reference policy in the batch.", nameof(batch));
        for (int position = 0; position < batch.Count; position++)
            TensorPrimitives.Subtract(batch.Projected.PaddedRow(position), reference.PaddedRow(position), _ownDrifts.PaddedRow(position));
        return _ownDrifts;
    }

    private void KeepRewarded(int position, int context)
    {
        ReadOnlySpan<int> items = Setting.Rewards.RewardedItems(context);
        Span<float> rewards = stackalloc float[64];
        for (int first = 0; first < items.Length; first += rewards.Length)
        {
            ReadOnlySpan<int> part = items.Slice(first, Math.Min(rewards.Length, items.Length - first));
            Setting.Rewards.Fill(context, part, rewards[..part.Length]);
            Keep(position, part, rewards);
        }
    }

    private static double Mean(double[] values, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
            sum += values[i];
        return count == 0 ? double.NaN : sum / count;
    }
}
