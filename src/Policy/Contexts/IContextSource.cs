using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The contexts x of a data set, made when they are asked for.</summary>
/// <remarks>Safe for concurrent calls that write to different rows.</remarks>
public interface IContextSource
{
    /// <summary>Number of contexts, N.</summary>
    int Count { get; }

    /// <summary>L, the length of a context.</summary>
    int Dimension { get; }

    /// <summary>Writes context <paramref name="context"/> [L] to a row of a table; its padding stays zero.</summary>
    void Fill(int context, Matrix destination, int row);
}
