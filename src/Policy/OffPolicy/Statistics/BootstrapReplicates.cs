using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The estimates of every bootstrap replicate, in parallel: O(R·N) time, O(R) memory beside the columns.</summary>
/// <remarks>A piece takes a few replicates over one tile of rows after another, so that the tile's columns are read from the
/// processor's cache. Sums of a replicate run in the order of rows: the same at any number of threads.</remarks>
internal sealed class BootstrapReplicates : IParallelWork
{
    private const int TileRows = 1024;
    private const int PieceReplicates = 8;
    private const int RoundReplicates = 128;

    private readonly RowTerms _terms;
    private readonly OffPolicyEstimator[] _estimators;
    private readonly double[][] _values;
    private readonly ulong _seed;
    private readonly int _replicates;
    private readonly CancellationToken _cancellation;
    private int _first;

    /// <summary>Prepares the replicates.</summary>
    /// <param name="terms">The columns, at least one row.</param>
    /// <param name="estimators">Which estimators.</param>
    /// <param name="replicates">R.</param>
    /// <param name="seed">Seed of the counts.</param>
    /// <param name="cancellation">Stops between tiles.</param>
    public BootstrapReplicates(
        RowTerms terms, OffPolicyEstimator[] estimators, int replicates, ulong seed, CancellationToken cancellation)
    {
        (_terms, _estimators, _replicates, _seed, _cancellation) = (terms, estimators, replicates, seed, cancellation);
        _values = [.. estimators.Select(_ => new double[replicates])];
    }

    /// <summary>Makes the replicates; <paramref name="done"/> hears how many there are.</summary>
    public void Run(WorkerTeam team, Action<int>? done)
    {
        for (_first = 0; _first < _replicates; _first += RoundReplicates)
        {
            int round = Math.Min(RoundReplicates, _replicates - _first);
            team.Run(this, (round + PieceReplicates - 1) / PieceReplicates);
            done?.Invoke(_first + round);
        }
    }

    /// <summary>The percentile interval of an estimator; replicates without a value are left out.</summary>
    public ConfidenceInterval Interval(OffPolicyEstimator estimator, double confidence)
    {
        double[] sorted = [.. _values[Array.IndexOf(_estimators, estimator)].Where(value => !double.IsNaN(value)).Order()];
        if (sorted.Length == 0)
            return new ConfidenceInterval(double.NaN, double.NaN);
        double tail = (1 - confidence) / 2;
        return new ConfidenceInterval(Quantiles.Sorted(sorted, tail), Quantiles.Sorted(sorted, 1 - tail));
    }

    void IParallelWork.Execute(int index, int worker)
    {
        int first = _first + (index * PieceReplicates);
        int replicates = Math.Min(PieceReplicates, _replicates - first), rows = _terms.Weights.Length;
        Span<double> sums = new double[PieceReplicates * (_estimators.Length + 2)];
        Span<double> counts = stackalloc double[TileRows];
        for (int row = 0; row < rows; row += TileRows)
        {
            _cancellation.ThrowIfCancellationRequested();
            for (int r = 0; r < replicates; r++)
                AddTile(first + r, attempt: 0, row, counts, sums.Slice(r * (_estimators.Length + 2), _estimators.Length + 2));
        }

        for (int r = 0; r < replicates; r++)
        {
            Span<double> own = sums.Slice(r * (_estimators.Length + 2), _estimators.Length + 2);
            // Only a log of a few rows can come out without any: drawn again, it is a draw given that it has some.
            for (int attempt = 1; own[0] == 0; attempt++)
            {
                for (int row = 0; row < rows; row += TileRows)
                    AddTile(first + r, attempt, row, counts, own);
            }

            for (int e = 0; e < _estimators.Length; e++)
                _values[e][first + r] = own[e + 2] / (_estimators[e] == OffPolicyEstimator.SelfNormalisedIps ? own[1] : own[0]);
        }
    }

    /// <summary>Adds Σc, Σcw and Σc·term of every estimator over a tile.</summary>
    private void AddTile(int replicate, int attempt, int row, Span<double> counts, Span<double> sums)
    {
        int length = Math.Min(TileRows, _terms.Weights.Length - row);
        Span<double> own = counts[..length];
        sums[0] += PoissonCounts.Fill(new RandomDraws(_seed, RandomPurpose.Bootstrap, replicate, attempt), row, own);
        sums[1] += TensorPrimitives.Dot<double>(own, _terms.Weights.AsSpan(row, length));
        for (int e = 0; e < _estimators.Length; e++)
            sums[e + 2] += TensorPrimitives.Dot<double>(own, _terms[_estimators[e]].AsSpan(row, length));
    }
}
