using System.Diagnostics;
using System.Globalization;
using KernelPolicy.ClosedLoop;
using KernelPolicy.Kernels;

const double LeastShare = 0.5;

LoopOptions options = new();
if (args.Length > 1 || (args.Length == 1 && !int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out int _)))
{
    Console.Error.WriteLine("Usage: KernelPolicy.ClosedLoop [seed]   (0 to 2147483646, default 1)");
    return 2;
}

if (args.Length == 1)
    options = options with { Seed = int.Parse(args[0], CultureInfo.InvariantCulture) };
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.WriteLine($"{options.Items} items, {options.Requests} requests a round, seed {options.Seed}. Rewards are mean chances of a click.");
Console.WriteLine("round   served   random     best   share of the way   propensity error   misses   seconds");
using WorkerTeam team = new(Environment.ProcessorCount);
long start = Stopwatch.GetTimestamp();
List<RoundReport> rounds = [];
foreach (RoundReport round in new Loop(options, team).Run())
{
    rounds.Add(round);
    Console.WriteLine(
        $"{round.Round,5}   {round.Reward,6:F4}   {round.Random,6:F4}   {round.Best,6:F4}   {round.Share,16:P1}   {round.PropensityError,16:P2}   {round.Misses,6}   {Stopwatch.GetElapsedTime(start).TotalSeconds,7:F1}");
}

if (rounds[^1].Share >= LeastShare)
    return 0;
Console.Error.WriteLine($"The last policy is {rounds[^1].Share:P0} of the way from random to best; it should be {LeastShare:P0} at least.");
return 1;
