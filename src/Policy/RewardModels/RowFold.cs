namespace KernelPolicy.Policy;

/// <summary>One of several equal parts of a log: the rows whose number leaves a given remainder.</summary>
/// <param name="Index">Which part, from 0 to Folds − 1.</param>
/// <param name="Folds">Number of parts, at least 2.</param>
public readonly record struct RowFold(int Index, int Folds)
{
    /// <summary>Whether a row belongs to it.</summary>
    public bool Contains(int row) => row % Folds == Index;

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Folds, 2);
        if (Index < 0 || Index >= Folds)
            throw new ArgumentOutOfRangeException(nameof(Index), Index, $"It must lie in 0 to {Folds - 1}.");
    }
}
