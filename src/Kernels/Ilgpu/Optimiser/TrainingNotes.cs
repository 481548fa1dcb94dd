using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>What a training on a device notes while the host is not looking: where it ceased to be finite, and sums of what
/// batches say of themselves.</summary>
/// <param name="marks">Number + 1 of the first step whose gradient, and whose Θ, was not finite [2]; 0 while all is
/// well.</param>
/// <param name="sums">Batches, and the sums of their means of r̄, effective sample size and largest weight [4].</param>
internal readonly struct TrainingNotes(ArrayView<long> marks, ArrayView<double> sums)
{
    /// <summary>How many marks there are.</summary>
    public const int Marks = 2;

    /// <summary>How many sums there are.</summary>
    public const int Sums = 1 + BatchReport.Numbers;

    private readonly ArrayView<long> _marks = marks;
    private readonly ArrayView<double> _sums = sums;

    /// <summary>Whether anything was not finite.</summary>
    public bool HasDiverged => _marks[0] != 0 || _marks[1] != 0;

    /// <summary>Notes that the gradient of a step is not finite.</summary>
    public void NoteGradient(long step) => _marks[0] = step + 1;

    /// <summary>Notes that Θ is not finite after a step.</summary>
    public void NoteTheta(long step) => _marks[1] = step + 1;

    /// <summary>Adds the means of a batch.</summary>
    public void Add(BatchReport report, int count)
    {
        _sums[0] += 1;
        for (int number = 0; number < BatchReport.Numbers; number++)
        {
            double sum = 0;
            for (int b = 0; b < count; b++)
                sum += report.At(b, number);
            _sums[number + 1] += sum / count;
        }
    }
}
