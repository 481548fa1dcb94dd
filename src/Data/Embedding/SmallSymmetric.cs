using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace KernelPolicy.Data;

/// <summary>Eigenvalues of a small symmetric matrix, falling, with their vectors.</summary>
/// <param name="Values">Eigenvalues [l]; what rounding made negative is zero.</param>
/// <param name="Vectors">Eigenvectors as columns, row-major [l, l].</param>
internal sealed record SmallSymmetric(double[] Values, double[] Vectors)
{
    /// <summary>Decomposes a row-major symmetric matrix [l, l].</summary>
    public static SmallSymmetric Decompose(double[] matrix, int size)
    {
        // MathNet stores columns first; a symmetric matrix is the same either way.
        Evd<double> evd = new DenseMatrix(size, size, (double[])matrix.Clone()).Evd(Symmetricity.Symmetric);
        double[] values = new double[size];
        double[] vectors = new double[size * size];
        for (int j = 0; j < size; j++)
        {
            // MathNet's eigenvalues rise.
            int from = size - 1 - j;
            values[j] = Math.Max(evd.EigenValues[from].Real, 0);
            for (int i = 0; i < size; i++)
                vectors[(i * size) + j] = evd.EigenVectors[i, from];
        }

        return new SmallSymmetric(values, vectors);
    }
}
