using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>
/// Replaces the columns of a tall table by orthonormal ones of the same span: Q = Y·E·Λ^(−1/2), with YᵀY = E Λ Eᵀ.
/// </summary>
/// <remarks>
/// The Gram matrix squares the condition number, so one pass leaves an error in proportion to it; a second pass on
/// the nearly orthonormal result removes it ("twice is enough"). Directions below the noise of single precision become
/// columns of zeros.
/// </remarks>
internal static class Orthonormalisation
{
    // Eigenvalues are squares of singular values; single precision resolves these to about 1e-7 of the largest.
    private const double NoiseFloor = 1e-13;

    /// <summary>Works in place.</summary>
    /// <param name="matrix">The table [rows, l].</param>
    /// <param name="passes">1 where the columns need only stay apart, 2 where they must be orthonormal.</param>
    /// <param name="team">Threads to work with.</param>
    /// <param name="sum">Adds up YᵀY over processes where each has some rows of the table; null where one has all.</param>
    public static void Apply(Matrix matrix, int passes, WorkerTeam team, Action<double[]>? sum = null)
    {
        for (int pass = 0; pass < passes; pass++)
        {
            int size = matrix.Columns;
            double[] gram = GramProduct.Compute(matrix, team);
            sum?.Invoke(gram);
            SmallSymmetric eigen = SmallSymmetric.Decompose(gram, size);
            double floor = NoiseFloor * eigen.Values[0];
            double[] transform = new double[size * size];
            for (int j = 0; j < size; j++)
            {
                double scale = eigen.Values[j] > floor ? 1 / Math.Sqrt(eigen.Values[j]) : 0;
                for (int i = 0; i < size; i++)
                    transform[(i * size) + j] = eigen.Vectors[(i * size) + j] * scale;
            }

            RowTransform.Apply(matrix, transform, matrix, team);
        }
    }
}
