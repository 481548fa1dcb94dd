using System.Diagnostics;
using System.Globalization;
using KernelPolicy.AotSmoke;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

// AotSmoke                     makes a small bundle, opens it, recommends and checks the answers, also in shards by TCP: exit code 0 or 1
// AotSmoke make FILE P L       makes a bundle of P items of L dimensions, item-0, item-1, …
// AotSmoke make FILE P L SEED  makes another, whose items are SEED-0, SEED-1, …
// AotSmoke first FILE          the time from the start of the process to the first recommendation
// AotSmoke speed FILE          microseconds a recommendation, one thread
switch (args)
{
    case []:
        return SmokeCheck.Run() && ShardCheck.Run() ? 0 : 1;
    case ["make", var file, var items, var dimension]:
        using (SmokeBundle made = SmokeBundle.Make(Whole(items), Whole(dimension)))
            made.Save(file);
        return 0;
    case ["make", var file, var items, var dimension, var seed]:
        using (SmokeBundle made = SmokeBundle.Make(Whole(items), Whole(dimension), Whole(seed), seed))
            made.Save(file);
        return 0;
    case ["first", var file]:
        FirstRecommendation(file);
        return 0;
    case ["speed", var file]:
        Speed(file);
        return 0;
    default:
        Console.Error.WriteLine("Give nothing, or: make FILE P L [SEED] | first FILE | speed FILE");
        return 2;
}

static int Whole(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

static void FirstRecommendation(string file)
{
    long begun = Stopwatch.GetTimestamp();
    using Recommender recommender = Recommender.Open(file, new RecommenderOptions { Verification = BundleVerification.Sizes });
    double opened = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    int[] items = new int[10];
    recommender.RecommendTo([1], items, new float[10]);
    double first = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    string faults = PageFaults();
    using Process process = Process.GetCurrentProcess();
    double since = (DateTime.Now - process.StartTime).TotalMilliseconds;
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"opened in {opened:0.0} ms, first recommendation after {first:0.0} ms, {since:0} ms after the process started{faults}; vectors of {SimdPath.Width} bits"));
}

// What the process has paid so far: pages found in memory, and pages that had to be read from the disk (proc(5), fields 10 and 12).
static string PageFaults()
{
    const string Stat = "/proc/self/stat";
    if (!File.Exists(Stat))
        return "";
    string stat = File.ReadAllText(Stat);
    string[] afterName = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    return $", {afterName[7]} page faults without the disk and {afterName[9]} with it";
}

static void Speed(string file)
{
    using Recommender recommender = Recommender.Open(file, new RecommenderOptions { Verification = BundleVerification.Sizes, EfSearch = 64 });
    int[] items = new int[10];
    float[] scores = new float[10];
    long asked = 0;
    for (int round = 0; round < 2; round++)
    {
        long begun = Stopwatch.GetTimestamp();
        double seconds;
        asked = 0;
        do
        {
            for (int i = 0; i < 1000; i++, asked++)
            {
                ReadOnlySpan<int> history = [(int)(asked * 7919 % recommender.ItemCount), (int)(asked * 104_729 % recommender.ItemCount)];
                recommender.RecommendTo(history, items, scores);
            }

            seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        }
        while (seconds < 2);
        if (round == 1)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds / asked * 1e6:0.0} µs a recommendation, vectors of {SimdPath.Width} bits"));
    }
}
