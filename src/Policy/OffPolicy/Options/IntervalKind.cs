namespace KernelPolicy.Policy;

/// <summary>Which quantile the closed-form interval takes: value ± quantile · standard error.</summary>
public enum IntervalKind
{
    /// <summary>That of Student's t with N − 1 degrees of freedom.</summary>
    Student,

    /// <summary>That of the normal distribution.</summary>
    Normal,
}
