using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>What each context of a batch says of itself: r̄, effective sample size, largest weight [B, 3].</summary>
/// <param name="values">Room for them.</param>
/// <param name="hasWeights">Whether the method has importance weights; else the last two are NaN.</param>
internal readonly struct BatchReport(ArrayView<float> values, bool hasWeights)
{
    /// <summary>Numbers a context.</summary>
    public const int Numbers = 3;

    private readonly ArrayView<float> _values = values;
    private readonly int _hasWeights = hasWeights ? 1 : 0;

    /// <summary>The same room for a method without importance weights.</summary>
    public BatchReport WithoutWeights() => new(_values, hasWeights: false);

    /// <summary>Writes those of a context.</summary>
    public void Write(int position, float reward, float sampleSize, float largestWeight)
    {
        long place = (long)position * Numbers;
        _values[place] = reward;
        _values[place + 1] = _hasWeights != 0 ? sampleSize : float.NaN;
        _values[place + 2] = _hasWeights != 0 ? largestWeight : float.NaN;
    }

    /// <summary>One of those of a context.</summary>
    public float At(int position, int number) => _values[((long)position * Numbers) + number];
}
