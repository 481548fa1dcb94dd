using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra.Double;

namespace KernelPolicy.Policy;

/// <summary>
/// (A/W + diag q) w = b, A = Σ ω φφᵀ [D, D] summed row by row in double precision, solved by Cholesky.
/// </summary>
/// <remarks>A row costs D² operations, a solution D³/3. Not thread-safe.</remarks>
internal sealed class PenalisedNormalEquations(int size)
{
    private readonly double[] _products = new double[checked(size * size)];

    /// <summary>W = Σ of what rows count.</summary>
    public double Weight { get; private set; }

    /// <summary>The mean square of each feature, [D].</summary>
    public double[] MeanSquares => [.. Enumerable.Range(0, size).Select(j => _products[(j * size) + j] / Weight)];

    /// <summary>Forgets all rows.</summary>
    public void Clear()
    {
        Array.Clear(_products);
        Weight = 0;
    }

    /// <summary>Adds ω φφᵀ, and <paramref name="count"/> to W.</summary>
    public void Add(ReadOnlySpan<double> features, double weight, double count)
    {
        Weight += count;
        for (int i = 0; i < size; i++)
        {
            // A triangle is enough: the other mirrors it.
            Span<double> row = _products.AsSpan((i * size) + i, size - i);
            TensorPrimitives.MultiplyAdd(features[i..], weight * features[i], row, row);
        }
    }

    /// <summary>w for a right side and a penalty q of each coefficient.</summary>
    public double[] Solve(ReadOnlySpan<double> rightSide, ReadOnlySpan<double> penalty)
    {
        // Scaled to a diagonal of ones: features may differ in size by orders. One that is always zero has the coefficient zero.
        double[] scale = new double[size];
        for (int i = 0; i < size; i++)
        {
            double diagonal = (_products[(i * size) + i] / Weight) + penalty[i];
            scale[i] = diagonal > 0 ? 1 / Math.Sqrt(diagonal) : 0;
        }

        var matrix = new DenseMatrix(size, size);
        var right = new DenseVector(size);
        for (int i = 0; i < size; i++)
        {
            for (int j = i + 1; j < size; j++)
                matrix[i, j] = matrix[j, i] = _products[(i * size) + j] / Weight * scale[i] * scale[j];
            matrix[i, i] = 1;
            right[i] = rightSide[i] * scale[i];
        }

        double[] solution = matrix.Cholesky().Solve(right).ToArray();
        TensorPrimitives.Multiply<double>(solution, scale, solution);
        return solution;
    }
}
