using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>A policy of which nothing is known but its probabilities of the logged actions, π(a_i|x_i) [N].</summary>
/// <remarks>Gives no means: estimators with a reward model are not to be had. Copies what it is given.</remarks>
public sealed class LoggedActionProbabilities : IPolicyProbabilities
{
    private readonly double[] _probabilities;

    /// <summary>Copies and checks the probabilities.</summary>
    /// <param name="probabilities">π(a_i|x_i) [N], each in [0, 1].</param>
    /// <param name="catalogue">P, at least 1.</param>
    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    public LoggedActionProbabilities(ReadOnlySpan<double> probabilities, int catalogue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(catalogue, 1);
        for (int row = 0; row < probabilities.Length; row++)
        {
            if (!(probabilities[row] is >= 0 and <= 1))
                throw new ArgumentException($"π of row {row} is {probabilities[row]}; it must lie in [0, 1].", nameof(probabilities));
        }

        (_probabilities, Catalogue) = (probabilities.ToArray(), catalogue);
    }

    /// <inheritdoc/>
    public string Description => "logged actions";

    /// <inheritdoc/>
    public int Count => _probabilities.Length;

    /// <inheritdoc/>
    public int Catalogue { get; }

    /// <inheritdoc/>
    public int BatchSize => 1024;

    /// <inheritdoc/>
    public bool GivesMeans => false;

    /// <inheritdoc/>
    /// <remarks>The actions must be those of the log: they are not looked at.</remarks>
    public void Fill(
        ReadOnlySpan<int> contexts, ReadOnlySpan<int> actions, IRewardSource? model, ProbabilityBatch destination, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.Check(this, contexts, actions, model);
        for (int i = 0; i < contexts.Length; i++)
            destination.SetExact(i, Math.Log(_probabilities[contexts[i]]), 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
