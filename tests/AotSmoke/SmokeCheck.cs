using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.AotSmoke;

/// <summary>Compares what a bundle recommends with a scan of all items in double precision.</summary>
internal static class SmokeCheck
{
    private const int Items = 3000;
    private const int Dimension = 24;
    private const int N = 10;
    private const int Requests = 50;

    /// <summary>Makes, opens, asks, compares; says what differs.</summary>
    public static bool Run()
    {
        string folder = Directory.CreateTempSubdirectory("kernelpolicy-aot-").FullName;
        try
        {
            string path = Path.Combine(folder, "smoke.kpolicy");
            using SmokeBundle made = SmokeBundle.Make(Items, Dimension);
            made.Save(path);
            using RecommenderHost host = new(Recommender.Open(path, new RecommenderOptions { EfSearch = Items }));
            for (int request = 0; request < Requests; request++)
            {
                using RecommenderLease lease = host.Acquire();
                if (!IsRight(lease.Recommender, made.Policy, request))
                    return false;
            }

            host.Replace(Recommender.Open(path, new RecommenderOptions { Verification = BundleVerification.Sizes }));
            Console.WriteLine($"{Requests} requests as by the scan of all items; vectors of {SimdPath.Width} bits.");
            return true;
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static bool IsRight(Recommender recommender, SoftmaxPolicy policy, int request)
    {
        int[] history = [request, (request * 37) % Items], found = new int[N];
        float[] scores = new float[N];
        recommender.RecommendTo(history, found, scores, new RecommendationScope { Excluded = history });
        double[] all = Scores(policy, history);
        int[] expected = [.. Enumerable.Range(0, Items).Except(history).OrderByDescending(item => all[item]).Take(N)];
        if (found.SequenceEqual(expected) && recommender.TryFind(recommender.IdOf(found[0]), out int again) && again == found[0])
            return true;
        Console.Error.WriteLine($"Request {request}: {string.Join(' ', found)} recommended, {string.Join(' ', expected)} expected.");
        return false;
    }

    private static double[] Scores(SoftmaxPolicy policy, int[] history)
    {
        double[] h = [.. policy.Bias!.Row(0).ToArray()], all = new double[Items];
        for (int i = 0; i < Dimension; i++)
        {
            double x = history.Average(item => (double)policy.Items.Row(item)[i]);
            for (int j = 0; j < Dimension; j++)
                h[j] += x * policy.Theta.Row(i)[j];
        }

        for (int item = 0; item < Items; item++)
        {
            for (int j = 0; j < Dimension; j++)
                all[item] += h[j] * policy.Items.Row(item)[j];
        }

        return all;
    }
}
