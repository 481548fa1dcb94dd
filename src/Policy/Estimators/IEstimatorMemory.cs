namespace KernelPolicy.Policy;

/// <summary>
/// What an estimator remembers of earlier steps, so that a training that is stopped and resumed does as one that is not: a
/// checkpoint holds it.
/// </summary>
public interface IEstimatorMemory
{
    /// <summary>Forgets everything: a training begins.</summary>
    void Clear();

    /// <summary>Writes all of it.</summary>
    void Write(Stream stream);

    /// <summary>Takes back what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is of another shape.</exception>
    void Read(ReadOnlySpan<byte> bytes);
}
