using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.EstimatorComparison.Measuring;

/// <summary>A policy Θ = c·I, as flat or as sharp as a training has it at some stage: c is set so that the policy's perplexity,
/// e^entropy, in the geometric mean over contexts, is a share of the catalogue or a number of items.</summary>
/// <param name="Name">flat, middle or sharp.</param>
/// <param name="Scale">c.</param>
/// <param name="Perplexity">What it came to.</param>
internal sealed record PolicyStage(string Name, double Scale, double Perplexity)
{
    /// <summary>Flat: half the catalogue. Middle: a fiftieth. Sharp: twenty items.</summary>
    public static IEnumerable<PolicyStage> For(TrainingProblem problem, int[] contexts)
    {
        double p = problem.Items.Rows;
        yield return Find("flat", 0.5 * p, problem, contexts);
        yield return Find("middle", 0.02 * p, problem, contexts);
        yield return Find("sharp", 20, problem, contexts);
    }

    private static PolicyStage Find(string name, double perplexity, TrainingProblem problem, int[] contexts)
    {
        double low = 1e-6, high = 1e6;
        for (int i = 0; i < 40 && high / low > 1.0001; i++)
        {
            double middle = Math.Sqrt(low * high);
            if (Perplexity0(problem, contexts, middle) > perplexity)
                low = middle;
            else
                high = middle;
        }

        return new PolicyStage(name, low, Perplexity0(problem, contexts, low));
    }

    // H = ln Z − c E[f], from scores in double.
    private static unsafe double Perplexity0(TrainingProblem problem, int[] contexts, double scale)
    {
        using Matrix x = new(1, problem.Items.Columns);
        double entropy = 0;
        float[] f = new float[problem.Items.Rows];
        int[] all = new int[f.Length];
        for (int a = 0; a < all.Length; a++)
            all[a] = a;
        foreach (int context in contexts)
        {
            problem.Contexts.Fill(context, x, 0);
            RowScores.Gather(x.Pointer, problem.Items, all, f);
            double max = double.NegativeInfinity, z = 0, mean = 0;
            foreach (float score in f)
                max = Math.Max(max, scale * score);
            foreach (float score in f)
            {
                double e = Math.Exp((scale * score) - max);
                z += e;
                mean += e * scale * score;
            }

            entropy += max + Math.Log(z) - (mean / z);
        }

        return Math.Exp(entropy / contexts.Length);
    }
}
