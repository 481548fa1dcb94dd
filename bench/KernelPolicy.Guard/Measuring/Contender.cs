namespace KernelPolicy.Guard.Measuring;

/// <summary>Something that is timed, again and again.</summary>
/// <param name="Name">The name that rules have for it.</param>
/// <param name="Run">One call of it.</param>
internal sealed record Contender(string Name, Action Run);
