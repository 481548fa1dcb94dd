namespace KernelPolicy.Policy;

/// <summary>By which queries the heads of a step are retrieved.</summary>
public enum HeadTiming
{
    /// <summary>By those of the step itself.</summary>
    SameStep,

    /// <summary>By those of Θ one step before, beside the exchange of gradients.</summary>
    StepBefore,
}
