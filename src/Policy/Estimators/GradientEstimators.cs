using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Makes estimators.</summary>
public static class GradientEstimators
{
    /// <summary>Makes the estimator that the options name.</summary>
    /// <param name="options">Which method, and its parameters.</param>
    /// <param name="setting">Items, rewards, batch size, seed and threads.</param>
    /// <param name="index">The index over the same items, for methods that need one; it stays the caller's.</param>
    /// <exception cref="ArgumentException">A parameter is out of range, or the index is missing or over other
    /// items.</exception>
    public static IGradientEstimator Create(EstimatorOptions options, EstimatorSetting setting, IMipsIndex? index = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(setting);
        options.Validate();
        setting.Validate();
        if (options is ReinforceOptions && setting.Objective.Kind == ObjectiveKind.LogLikelihood)
        {
            throw new ArgumentException(
                "REINFORCE draws actions to estimate E_π[r̂ ∇ ln π]; the log-likelihood has no such expectation, and E_π β is exact " +
                "there already: use the exact estimator.",
                nameof(options));
        }

        if (setting.Coefficients is not null)
            CheckCoefficients(options, setting);
        if (setting.Parts is { } parts)
            CheckParts(options, setting, parts);
        if (options.NeedsIndex && index is null)
            throw new ArgumentException($"{options.GetType().Name} needs an index.", nameof(index));
        if (index is not null && !ReferenceEquals(index.Items, setting.Items))
            throw new ArgumentException("The index searches other items than the estimator's.", nameof(index));
        return options switch
        {
            ExactOptions => new ExactEstimator(setting),
            ReinforceOptions reinforce => new ReinforceEstimator(setting, reinforce),
            UniformOptions uniform => new UniformEstimator(setting, uniform),
            MixtureOptions mixture => new MixtureEstimator(setting, mixture, index!),
            StrataOptions strata => new StrataEstimator(setting, strata, index),
            _ => throw new ArgumentException($"There is no estimator for {options.GetType().Name}.", nameof(options)),
        };
    }

    // With a pull to a reference r̄ would not be the plain reward, and a log-likelihood has sums of its own.
    private static void CheckParts(EstimatorOptions options, EstimatorSetting setting, Matrix parts)
    {
        if (options is not StrataOptions)
            throw new ArgumentException($"Only strata are sums over parts of a catalogue, not {options.GetType().Name}.", nameof(options));
        if (!setting.Objective.IsDefault)
            throw new ArgumentException("Parts of a catalogue are joined for the expected reward alone, without a pull to a reference.", nameof(setting));
        int width = (2 * setting.Items.Columns) + 2;
        if (parts.Rows < setting.BatchSize || parts.Columns != width)
        {
            throw new ArgumentException(
                $"The table of parts is [{parts.Rows}, {parts.Columns}]; it must be [at least {setting.BatchSize}, {width}].", nameof(setting));
        }
    }

    // What the coefficients of a context, or sums over a β that moves, cannot stand for.
    private static void CheckCoefficients(EstimatorOptions options, EstimatorSetting setting)
    {
        if (options is StrataOptions { Control: true })
        {
            throw new ArgumentException(
                "The control variate sums over the catalogue as it was: where items learn, strata must be without it (Control = false).",
                nameof(options));
        }

        if (options is ExactOptions && (!setting.Rewards.IsSparse || setting.Objective.KlWeight > 0))
        {
            throw new ArgumentException(
                "The exact estimator keeps coefficients of sparse rewards alone: where items learn it takes no dense reward and no pull to a reference.",
                nameof(options));
        }

        if (setting.Objective.NeedsReference)
        {
            throw new ArgumentException(
                "A reference policy scores by the same items: where they learn it would move too. Only the uniform reference stays.", nameof(setting));
        }
    }
}
