using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>First values of Θ.</summary>
public enum ThetaInitialisation
{
    /// <summary>The identity: h = x, recommendation by similarity to the history.</summary>
    Identity,

    /// <summary>Independent normal numbers times a scale (the authors' code: 0.005): a nearly uniform policy.</summary>
    Normal,
}

/// <summary>Makes Θ₀ [L, L].</summary>
public static class Theta
{
    /// <summary>Makes a table of first values.</summary>
    /// <param name="dimension">L.</param>
    /// <param name="initialisation">Which values.</param>
    /// <param name="scale">Standard deviation of the normal numbers; the identity is not scaled.</param>
    /// <param name="seed">Seed of the normal numbers.</param>
    public static Matrix Initialise(int dimension, ThetaInitialisation initialisation, double scale, ulong seed)
    {
        var theta = new Matrix(dimension, dimension);
        for (int row = 0; row < dimension; row++)
        {
            Span<float> values = theta.Row(row);
            if (initialisation == ThetaInitialisation.Identity)
            {
                values[row] = 1;
                continue;
            }

            var draws = new RandomDraws(seed, RandomPurpose.Initialisation, 0, row);
            for (int column = 0; column < dimension; column++)
                values[column] = (float)(scale * draws.Normal((uint)column));
        }

        return theta;
    }
}
