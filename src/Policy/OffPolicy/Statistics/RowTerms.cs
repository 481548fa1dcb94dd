namespace KernelPolicy.Policy;

/// <summary>What each row adds to each estimator: columns of length N, whose means are the estimators.</summary>
internal sealed class RowTerms
{
    private readonly double[]?[] _columns;

    /// <summary>Computes the columns.</summary>
    /// <param name="log">a, p, r.</param>
    /// <param name="probabilities">π(a_i|x_i) [N].</param>
    /// <param name="modelMeans">E_π[r_M(·, x_i)] [N]; null without a model.</param>
    /// <param name="modelRewards">r_M(a_i, x_i) [N]; null without a model.</param>
    /// <param name="clip">The rule of the clipped estimators.</param>
    /// <param name="lambda">λ.</param>
    /// <param name="least">The least reward; null to leave logarithmic smoothing out.</param>
    public RowTerms(
        LoggedFeedback log, double[] probabilities, double[]? modelMeans, double[]? modelRewards, WeightClip clip, double lambda,
        double? least)
    {
        int n = log.Count;
        Weights = new double[n];
        Clipped = new double[n];
        _columns = new double[]?[Enum.GetValues<OffPolicyEstimator>().Length];
        double[] ips = Column(OffPolicyEstimator.Ips, n), clippedIps = Column(OffPolicyEstimator.ClippedIps, n);
        double[]? smooth = least is null ? null : Column(OffPolicyEstimator.LogarithmicSmoothing, n);
        double[]? robust = modelMeans is null ? null : Column(OffPolicyEstimator.DoublyRobust, n);
        double[]? clippedRobust = modelMeans is null ? null : Column(OffPolicyEstimator.ClippedDoublyRobust, n);
        _columns[(int)OffPolicyEstimator.DirectMethod] = modelMeans;
        _columns[(int)OffPolicyEstimator.LoggingPolicy] = log.Rewards.ToArray();
        for (int i = 0; i < n; i++)
        {
            double reward = log.Rewards[i], propensity = log.Propensities[i];
            double weight = Weights[i] = probabilities[i] / propensity;
            double clipped = Clipped[i] = clip.Apply(probabilities[i], propensity);
            ips[i] = weight * reward;
            clippedIps[i] = clipped * reward;
            if (smooth is not null)
                smooth[i] = least!.Value + (double.LogP1(lambda * weight * (reward - least.Value)) / lambda);
            if (robust is null)
                continue;
            double rest = reward - modelRewards![i];
            robust[i] = modelMeans![i] + (weight * rest);
            clippedRobust![i] = modelMeans[i] + (clipped * rest);
        }
    }

    /// <summary>w [N].</summary>
    public double[] Weights { get; }

    /// <summary>w̃ [N].</summary>
    public double[] Clipped { get; }

    /// <summary>The column whose mean is the estimator (self-normalised IPS: its numerator); null where it was left out.</summary>
    public double[]? this[OffPolicyEstimator estimator] =>
        _columns[(int)(estimator == OffPolicyEstimator.SelfNormalisedIps ? OffPolicyEstimator.Ips : estimator)];

    private double[] Column(OffPolicyEstimator estimator, int n) => _columns[(int)estimator] = new double[n];
}
