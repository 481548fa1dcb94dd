using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace KernelPolicy.Policy;

/// <summary>
/// The objective of a training: <see cref="Kind"/>, less λ KL(π ‖ π_ref) where a policy is to stay near a reference.
/// </summary>
/// <remarks>
/// The gradient of −λ KL(π ‖ π_ref) in h is −λ Cov_π[f − f_ref, β], f − f_ref = (h − h_ref)·β: that of a further reward
/// −λ (f_a − f_ref_a), held constant under differentiation. Every estimator of the covariance estimates it by the same draws.
/// Immutable but for the reference's tables; safe for concurrent use.
/// </remarks>
public sealed record TrainingObjective
{
    /// <summary>E_π[r̂], nothing else: the default.</summary>
    public static TrainingObjective ExpectedReward { get; } = new();

    /// <summary>Σ_a r̂ ln π(a|x), nothing else.</summary>
    public static TrainingObjective LogLikelihood { get; } = new() { Kind = ObjectiveKind.LogLikelihood };

    /// <summary>What is made large.</summary>
    public ObjectiveKind Kind { get; init; }

    /// <summary>λ, finite and at least 0; 0 for no pull to the reference.</summary>
    public double KlWeight { get; init; }

    /// <summary>
    /// How the reference policy makes a context a query, h_ref = xΘ_ref + b_ref; its tables may not change while it is used, and stay
    /// the caller's. Null: the uniform policy, for which −λ KL is λ times the entropy of π, less the constant λ ln P.
    /// </summary>
    public QueryMap? Reference { get; init; }

    /// <summary>Whether it is <see cref="ExpectedReward"/>.</summary>
    public bool IsDefault => Kind == ObjectiveKind.ExpectedReward && KlWeight == 0;

    /// <summary>Whether h_ref is needed for each context.</summary>
    public bool NeedsReference => KlWeight > 0 && Reference is not null;

    /// <summary>What tells two objectives apart, the reference by a hash of its tables: empty for the default, else beginning with a slash.</summary>
    public string Description
    {
        get
        {
            string kind = Kind == ObjectiveKind.LogLikelihood ? "/log-likelihood" : "";
            if (KlWeight == 0)
                return kind;
            string reference = Reference is { } map ? Hash(map).ToString("x16", CultureInfo.InvariantCulture) : "uniform";
            return string.Create(CultureInfo.InvariantCulture, $"{kind}/kl={KlWeight}:{reference}");
        }
    }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    /// <exception cref="ArgumentException">Θ_ref is missing, or b_ref does not fit it.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Kind))
            throw new ArgumentOutOfRangeException(nameof(Kind), Kind, "There is no such objective.");
        if (!(KlWeight >= 0 && float.IsFinite((float)KlWeight)))
            throw new ArgumentOutOfRangeException(nameof(KlWeight), KlWeight, "λ must be at least 0 and finite in single precision.");
        Reference?.Validate();
    }

    // Without a bias that of Θ_ref alone, as it always was: checkpoints are known by it.
    private static ulong Hash(QueryMap map)
    {
        var hash = new XxHash3();
        for (long row = 0; row < map.Theta.Rows; row++)
            hash.Append(MemoryMarshal.AsBytes(map.Theta.Row(row)));
        if (map.Bias is { } bias)
            hash.Append(MemoryMarshal.AsBytes(bias.Row(0)));
        return hash.GetCurrentHashAsUInt64();
    }
}
