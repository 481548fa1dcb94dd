using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using KernelPolicy.Bench;
using KernelPolicy.Guard.Measuring;
using KernelPolicy.Guard.Rules;
using KernelPolicy.Kernels;

Option<int> rounds = new("--rounds") { Description = "Turns of each.", DefaultValueFactory = _ => 20 };
Option<double> turn = new("--turn") { Description = "Seconds of a turn.", DefaultValueFactory = _ => 0.05 };
Option<int> threads = new("--threads")
{
    Description = "Threads of steps and searches. One leaves the other processors to whatever else runs.",
    DefaultValueFactory = _ => 1,
};
RootCommand root = new("Ratios of speed that hold on any machine, qualities and allocations; ends with 1 where one does not hold.") { rounds, turn, threads };
root.SetAction(parsed =>
{
    long start = Stopwatch.GetTimestamp();
    using GuardedCalls calls = new(HouseRules.Items, HouseRules.Dimension, parsed.GetValue(threads));
    Measurements measured = calls.Measure(parsed.GetValue(rounds), parsed.GetValue(turn));
    StringBuilder text = new();
    bool holds = GuardReport.Write(measured, HouseRules.All, text);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"P = {HouseRules.Items:N0}, L = {HouseRules.Dimension}, B = {StepProblem.BatchSize}, threads {parsed.GetValue(threads)}, vectors of {SimdPath.Width} bits; graph built in {calls.BuildSeconds:0.0} s, all in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s"));
    Console.WriteLine();
    Console.Write(text);
    return holds ? 0 : 1;
});
return root.Parse(args).Invoke();
