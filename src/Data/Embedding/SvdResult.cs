using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>What <see cref="TruncatedSvd"/> found.</summary>
/// <param name="ItemFactors">β = V·Σ^p [P, L]; the caller disposes it.</param>
/// <param name="SingularValues">Σ [L], falling; zero past the rank of the matrix.</param>
public sealed record SvdResult(Matrix ItemFactors, double[] SingularValues);
