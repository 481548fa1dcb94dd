namespace KernelPolicy.Distributed;

/// <summary>What a context costs one machine in a step, in seconds, as measured.</summary>
/// <param name="RetrievalSeconds">Its top K, found in the items that the machine has.</param>
/// <param name="RestSeconds">All else: the context, its query, draws, the gradient.</param>
public readonly record struct ContextCost(double RetrievalSeconds, double RestSeconds)
{
    /// <summary>Both.</summary>
    public double Seconds => RetrievalSeconds + RestSeconds;
}

/// <summary>A step of a training that is spread over machines, as modelled.</summary>
/// <param name="Contexts">Contexts of a step, all machines together.</param>
/// <param name="ComputeSeconds">What a machine computes.</param>
/// <param name="CommunicationSeconds">What its transfers take, hidden or not.</param>
/// <param name="WaitingSeconds">The part of them in which it has nothing to compute.</param>
public readonly record struct SpreadStep(double Contexts, double ComputeSeconds, double CommunicationSeconds, double WaitingSeconds)
{
    /// <summary>The step.</summary>
    public double Seconds => ComputeSeconds + WaitingSeconds;

    /// <summary>Share of the step in which a machine waits.</summary>
    public double WaitingShare => WaitingSeconds / Seconds;

    /// <summary>Seconds of an epoch of N contexts: ⌈N / contexts of a step⌉ steps.</summary>
    public double EpochSeconds(double contexts) => Math.Ceiling(contexts / Contexts) * Seconds;
}
