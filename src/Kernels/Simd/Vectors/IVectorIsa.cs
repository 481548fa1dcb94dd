namespace KernelPolicy.Kernels;

/// <summary>
/// The vector operations that kernels are written in, so that one body serves every width: a kernel is generic over
/// (TIsa, TVector), and the JIT compiles it for each pair without any call through an interface.
/// </summary>
/// <typeparam name="TVector">Vector512, Vector256 or Vector128 of float.</typeparam>
internal unsafe interface IVectorIsa<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector: 16, 8 or 4.</summary>
    static abstract int Count { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector value, float* destination);

    /// <summary>Stores to an address that is a multiple of the vector's bytes, past the caches: for what is too much to find
    /// there again.</summary>
    static abstract void StoreBeyondCaches(TVector value, float* destination);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    static abstract TVector Max(TVector a, TVector b);

    static abstract TVector Sqrt(TVector a);

    /// <summary>a·b + c, rounded once where the processor has the instruction.</summary>
    static abstract TVector FusedMultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>Rounds to the nearest whole number.</summary>
    static abstract TVector Round(TVector a);

    /// <summary>a·2^n for whole n in [−126, 127].</summary>
    static abstract TVector ScaleByPowerOfTwo(TVector a, TVector n);

    /// <summary>Sum of the lanes, in an order fixed for the width.</summary>
    static abstract float Sum(TVector a);

    /// <summary>A bit for each lane in which a ≥ b; never set where either is NaN.</summary>
    static abstract uint GreaterOrEqualMask(TVector a, TVector b);

    /// <summary>count + 1 in each lane in which a ≥ b; count elsewhere, and where either is NaN.</summary>
    static abstract TVector CountWhereGreaterOrEqual(TVector count, TVector a, TVector b);
}
