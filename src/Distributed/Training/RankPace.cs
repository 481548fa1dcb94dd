using System.Globalization;

namespace KernelPolicy.Distributed;

/// <summary>How long each rank works on a step, to name those for which the others wait.</summary>
/// <param name="hosts">The machine of each rank.</param>
/// <param name="tell">Told, in words, of each rank that has become slow, or is no longer.</param>
/// <remarks>A rank is slow whose mean, over <see cref="StepsOfAJudgement"/> steps and two seconds of work at least, exceeds the median of
/// all by half: shorter pauses come and go. Not thread-safe.</remarks>
public sealed class RankPace(IReadOnlyList<string> hosts, Action<string> tell)
{
    /// <summary>Steps that a judgement rests on at least.</summary>
    public const int StepsOfAJudgement = 100;

    private const double SecondsOfAJudgement = 2;
    private const double SlowFactor = 1.5;

    private readonly double[] _sums = new double[hosts.Count];
    private readonly double[] _sorted = new double[hosts.Count];
    private readonly bool[] _isSlow = new bool[hosts.Count];
    private int _steps;

    /// <summary>Which ranks are slow, as judged last.</summary>
    public IReadOnlyList<bool> IsSlow => _isSlow;

    /// <summary>Seconds of a step of each rank, over the steps judged last [n].</summary>
    public IReadOnlyList<double> Seconds { get; private set; } = [];

    /// <summary>Notes steps.</summary>
    /// <param name="seconds">How long each rank worked on one [n].</param>
    /// <param name="steps">How many they were.</param>
    public void Add(ReadOnlySpan<float> seconds, int steps = 1)
    {
        for (int rank = 0; rank < _sums.Length; rank++)
            _sums[rank] += steps * seconds[rank];
        _steps += steps;
        if (_steps >= StepsOfAJudgement && _sums.Max() >= SecondsOfAJudgement)
            Judge();
    }

    private void Judge()
    {
        _sums.CopyTo(_sorted, 0);
        Array.Sort(_sorted);
        // The lower one of two: with two ranks the slower is measured by the faster.
        double median = _sorted[(_sorted.Length - 1) / 2];
        for (int rank = 0; rank < _sums.Length; rank++)
        {
            bool isSlow = _sums[rank] > SlowFactor * median;
            if (isSlow != _isSlow[rank])
                tell(Words(rank, isSlow, median));
            _isSlow[rank] = isSlow;
        }

        Seconds = [.. _sums.Select(sum => sum / _steps)];
        Array.Clear(_sums);
        _steps = 0;
    }

    private string Words(int rank, bool isSlow, double median) => string.Create(
        CultureInfo.InvariantCulture,
        $"rank {rank} on {hosts[rank]} {(isSlow ? "is slow" : "keeps pace again")}: {_sums[rank] / _steps * 1e3:0.00} ms of work a step, where the median is {median / _steps * 1e3:0.00}");
}
