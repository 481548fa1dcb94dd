using KernelPolicy.Data;
using KernelPolicy.Kernels;
using MathNet.Numerics.LinearAlgebra.Factorization;
using NUnit.Framework;
using DenseMatrix = MathNet.Numerics.LinearAlgebra.Double.DenseMatrix;

namespace KernelPolicy.Tests.Data;

[TestFixture]
public sealed class TruncatedSvdTests
{
    // Single precision carries 6e-8 of the largest singular value; sums of up to 60 terms and the final Gram matrix
    // (errors of σ scale with (σ₁/σ)²) stay below 2e-5 of the largest.
    private const double Tolerance = 2e-5;

    [TestCase(60, 35, 10)]
    [TestCase(35, 60, 10)]
    [TestCase(20, 20, 20)]
    [TestCase(5, 3, 3)]
    [TestCase(40, 17, 1)]
    public void Values_and_factors_agree_with_a_dense_decomposition(int users, int items, int rank)
    {
        SparseRows rows = RandomRows(users, items, 0.2, 3);
        Svd<double> dense = Dense(rows, items).Svd();
        using WorkerTeam team = new(2);
        SvdResult result = TruncatedSvd.Compute(rows, items, new() { Rank = rank, Oversampling = 5, PowerIterations = 60 }, team);
        using Matrix beta = result.ItemFactors;

        double largest = dense.S[0];
        for (int j = 0; j < rank; j++)
            Assert.That(result.SingularValues[j], Is.EqualTo(dense.S[j]).Within(Tolerance * largest), $"σ[{j}]");

        // β βᵀ = V Σ² Vᵀ does not depend on signs, nor on the choice of vectors for equal singular values.
        DenseMatrix expected = Outer(items, rank, (item, j) => dense.VT[j, item] * dense.S[j]);
        DenseMatrix actual = Outer(items, rank, (item, j) => beta.Row(item)[j]);
        Assert.That((expected - actual).L2Norm(), Is.LessThan(10 * Tolerance * largest * largest));
    }

    [TestCase(0f)]
    [TestCase(0.5f)]
    [TestCase(1f)]
    public void Columns_are_orthogonal_with_norms_of_the_power(float power)
    {
        SparseRows rows = RandomRows(80, 50, 0.2, 4);
        using WorkerTeam team = new(1);
        SvdResult result = TruncatedSvd.Compute(rows, 50, new() { Rank = 8, SingularPower = power, PowerIterations = 30 }, team);
        using Matrix beta = result.ItemFactors;
        for (int i = 0; i < 8; i++)
        {
            for (int j = 0; j < 8; j++)
            {
                double dot = 0;
                for (int item = 0; item < 50; item++)
                    dot += (double)beta.Row(item)[i] * beta.Row(item)[j];
                double scale = Math.Pow(result.SingularValues[i] * result.SingularValues[j], power);
                Assert.That(dot / scale, Is.EqualTo(i == j ? 1 : 0).Within(1e-5), $"columns {i} and {j}");
            }
        }
    }

    [Test]
    public void The_largest_component_of_each_column_is_positive()
    {
        using WorkerTeam team = new(1);
        SvdResult result = TruncatedSvd.Compute(RandomRows(80, 50, 0.2, 5), 50, new() { Rank = 8 }, team);
        using Matrix beta = result.ItemFactors;
        for (int j = 0; j < 8; j++)
            Assert.That(Enumerable.Range(0, 50).Select(i => beta.Row(i)[j]).MaxBy(Math.Abs), Is.Positive);
    }

    [Test]
    public void Threads_do_not_change_a_bit()
    {
        // Enough rows for several blocks of the Gram matrix and several pieces of the products.
        SparseRows rows = SyntheticInteractions.Generate(new() { Items = 3000, Users = 4000 }).Interactions.UserItems;
        float[] one = Factors(rows, 1, 9);
        Assert.Multiple(() =>
        {
            Assert.That(Factors(rows, 2, 9).AsSpan().SequenceEqual(one), Is.True, "2 threads");
            Assert.That(Factors(rows, 5, 9).AsSpan().SequenceEqual(one), Is.True, "5 threads");
            Assert.That(Factors(rows, 1, 10).AsSpan().SequenceEqual(one), Is.False, "another seed");
        });
    }

    [Test]
    public void Beyond_the_rank_of_the_matrix_all_is_zero()
    {
        // Users of two kinds: rank 2.
        SparseRows rows = SparseRows.FromLists([[0, 1], [0, 1], [2, 3, 4], [2, 3, 4], [0, 1], [2, 3, 4]]);
        using WorkerTeam team = new(1);
        SvdResult result = TruncatedSvd.Compute(rows, 7, new() { Rank = 4 }, team);
        using Matrix beta = result.ItemFactors;
        Assert.Multiple(() =>
        {
            Assert.That(result.SingularValues[0], Is.EqualTo(3).Within(1e-5));
            Assert.That(result.SingularValues[1], Is.EqualTo(Math.Sqrt(6)).Within(1e-5));
            Assert.That(result.SingularValues[2..], Is.All.Zero);
            Assert.That(beta.Row(0)[2..].ToArray(), Is.All.Zero);
            Assert.That(beta.Row(6).ToArray(), Is.All.Zero, "an item that nobody has");
            Assert.That(beta.Row(2)[0], Is.EqualTo(3 / Math.Sqrt(3)).Within(1e-5));
        });
    }

    [Test]
    public void Bad_options_and_cancelling()
    {
        SparseRows rows = RandomRows(10, 6, 0.5, 1);
        using WorkerTeam team = new(1);
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Multiple(() =>
        {
            Assert.That(() => TruncatedSvd.Compute(rows, 6, new() { Rank = 7 }, team), Throws.InstanceOf<ArgumentException>().With.Message.Contains("1 to 6"));
            Assert.That(() => TruncatedSvd.Compute(rows, 6, new() { Rank = 0 }, team), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => TruncatedSvd.Compute(rows, 6, new() { Rank = 2, SingularPower = float.NaN }, team), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => TruncatedSvd.Compute(rows, 5, new() { Rank = 2 }, team), Throws.InstanceOf<ArgumentException>().With.Message.Contains("Item 5"));
            Assert.That(
                () => TruncatedSvd.Compute(rows, 6, new() { Rank = 2 }, team, null, cancelled.Token),
                Throws.InstanceOf<OperationCanceledException>());
        });
    }

    private static float[] Factors(SparseRows rows, int threads, ulong seed)
    {
        using WorkerTeam team = new(threads);
        using Matrix beta = TruncatedSvd.Compute(rows, 3000, new() { Rank = 20, PowerIterations = 2, Seed = seed }, team).ItemFactors;
        return [.. Enumerable.Range(0, 3000).SelectMany(item => beta.Row(item).ToArray())];
    }

    private static SparseRows RandomRows(int users, int items, double density, int seed)
    {
        Random random = new(seed);
        return SparseRows.FromLists([.. Enumerable.Range(0, users).Select(IReadOnlyList<int> (user) =>
            [.. Enumerable.Range(0, items).Where(item => random.NextDouble() < density || item == (user * 7 % items))])]);
    }

    private static DenseMatrix Dense(SparseRows rows, int items)
    {
        DenseMatrix dense = new(rows.Count, items);
        for (int user = 0; user < rows.Count; user++)
        {
            foreach (int item in rows[user])
                dense[user, item] = 1;
        }

        return dense;
    }

    private static DenseMatrix Outer(int items, int rank, Func<int, int, double> value)
    {
        DenseMatrix factors = DenseMatrix.Create(items, rank, value);
        return (DenseMatrix)factors.TransposeAndMultiply(factors);
    }
}
