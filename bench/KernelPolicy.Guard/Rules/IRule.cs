namespace KernelPolicy.Guard.Rules;

/// <summary>Something that must hold on any machine.</summary>
internal interface IRule
{
    /// <summary>Whether it does.</summary>
    /// <exception cref="KeyNotFoundException">It is about something that was not measured.</exception>
    Finding Check(Measurements measured);
}

/// <summary>What was measured, by contender.</summary>
/// <param name="Milliseconds">Of one call.</param>
/// <param name="Bytes">Managed bytes that one call allocates.</param>
/// <param name="Qualities">Relative errors of gradients, recalls.</param>
internal sealed record Measurements(
    IReadOnlyDictionary<string, double> Milliseconds, IReadOnlyDictionary<string, long> Bytes, IReadOnlyDictionary<string, double> Qualities);

/// <summary>A line of the guard's table.</summary>
/// <param name="What">What it is about.</param>
/// <param name="Expected">As recorded.</param>
/// <param name="Limit">The last value that holds.</param>
/// <param name="Measured">As it is.</param>
/// <param name="Holds">Whether it is on the right side.</param>
internal sealed record Finding(string What, double Expected, double Limit, double Measured, bool Holds);
