namespace KernelPolicy.Policy;

/// <summary>How far an off-policy evaluation has come.</summary>
/// <param name="Rows">Rows whose probabilities are known, of N.</param>
/// <param name="Replicates">Bootstrap replicates done, of all.</param>
public readonly record struct OffPolicyProgress(int Rows, int Replicates);
