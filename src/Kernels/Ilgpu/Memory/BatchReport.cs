using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>What each context of a batch says of itself: r̄, effective sample size, largest weight [B, 3].</summary>
/// <param name="values">Room for them.</param>
/// <param name="faults">1 for each context whose x or g is not finite [B].</param>
/// <param name="hasWeights">Whether the method has importance weights; else the last two are NaN.</param>
internal readonly struct BatchReport(ArrayView<float> values, ArrayView<int> faults, bool hasWeights)
{
    /// <summary>Numbers a context.</summary>
    public const int Numbers = 3;

    private readonly ArrayView<float> _values = values;
    private readonly ArrayView<int> _faults = faults;
    private readonly int _hasWeights = hasWeights ? 1 : 0;

    /// <summary>The same room for a method without importance weights.</summary>
    public BatchReport WithoutWeights() => new(_values, _faults, hasWeights: false);

    /// <summary>Writes those of a context.</summary>
    public void Write(int position, float reward, float sampleSize, float largestWeight)
    {
        long place = (long)position * Numbers;
        _values[place] = reward;
        _values[place + 1] = _hasWeights != 0 ? sampleSize : float.NaN;
        _values[place + 2] = _hasWeights != 0 ? largestWeight : float.NaN;
    }

    /// <summary>Says that nothing of a context was found not to be finite.</summary>
    public void ClearFault(int position) => _faults[position] = 0;

    /// <summary>Says that something of a context is not finite. Any thread may.</summary>
    public void NoteFault(int position) => _faults[position] = 1;

    /// <summary>Whether everything of the first contexts is finite.</summary>
    public bool IsSound(int count)
    {
        int faults = 0;
        for (int b = 0; b < count; b++)
            faults |= _faults[b];
        return faults == 0;
    }

    /// <summary>One of those of a context.</summary>
    public float At(int position, int number) => _values[((long)position * Numbers) + number];
}
