namespace KernelPolicy.Tests.Reference;

/// <summary>
/// R(Θ) = (1/B) Σ_b Σ_a π(a|x_b) r(a, x_b), π = softmax of f_a = (x_b Θ)·β_a: the value that is maximised. Rewards are
/// given in full, one list of P for each context. Source: algorithm.md, objective.
/// </summary>
internal static class Objective
{
    /// <summary>X [B, L], Θ [L, L], β [P, L], rewards B lists of P.</summary>
    public static double Value(double[,] contexts, double[,] theta, double[,] beta, double[][] rewards)
    {
        double sum = 0;
        for (int b = 0; b < contexts.GetLength(0); b++)
        {
            double[] pi = Softmax.Weights(Linear.Scores(Linear.Project(Linear.Row(contexts, b), theta), beta));
            sum += Linear.Dot(pi, rewards[b]);
        }

        return sum / contexts.GetLength(0);
    }

    /// <summary>
    /// ∂R/∂Θ_ij ≈ (R(Θ + δ e_ij) − R(Θ − δ e_ij)) / 2δ. Error: δ²/6 · |third derivative| from the formula, about
    /// eps · |R| / δ from rounding; δ = 1e-5 balances them near 1e-10 for values of order one.
    /// </summary>
    public static double[,] FiniteDifferences(
        double[,] contexts, double[,] theta, double[,] beta, double[][] rewards, double delta = 1e-5)
    {
        double[,] gradient = new double[theta.GetLength(0), theta.GetLength(1)];
        for (int i = 0; i < theta.GetLength(0); i++)
        {
            for (int j = 0; j < theta.GetLength(1); j++)
            {
                double[,] up = (double[,])theta.Clone();
                double[,] down = (double[,])theta.Clone();
                up[i, j] += delta;
                down[i, j] -= delta;
                gradient[i, j] =
                    (Value(contexts, up, beta, rewards) - Value(contexts, down, beta, rewards)) / (2 * delta);
            }
        }

        return gradient;
    }
}
