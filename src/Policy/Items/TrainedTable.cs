using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>A table that steps train beside Θ, with its moments: what a checkpoint must hold.</summary>
/// <remarks>It does not own the tables.</remarks>
/// <param name="name">Its name in a checkpoint, up to 16 ASCII characters.</param>
/// <param name="values">The table.</param>
/// <param name="firstMoment">Adam's m.</param>
/// <param name="secondMoment">Adam's v.</param>
/// <param name="initialise">Writes first values; null where the table begins with what it holds.</param>
public sealed class TrainedTable(string name, Matrix values, Matrix firstMoment, Matrix secondMoment, Action<Matrix>? initialise)
{
    /// <summary>Its name in a checkpoint.</summary>
    public string Name => name;

    /// <summary>The table.</summary>
    public Matrix Values => values;

    /// <summary>Adam's m.</summary>
    public Matrix FirstMoment => firstMoment;

    /// <summary>Adam's v.</summary>
    public Matrix SecondMoment => secondMoment;

    /// <summary>Begins with first values and moments of zero.</summary>
    public void Begin()
    {
        initialise?.Invoke(values);
        firstMoment.Clear();
        secondMoment.Clear();
    }
}
