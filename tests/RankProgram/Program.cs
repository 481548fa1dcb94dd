using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using KernelPolicy.Distributed;

// RankProgram sum ROWS WIDTH REPETITIONS   sums tables over the ranks; each rank writes "rank RANK of N: HASH messages bytes seconds"
if (args is not ["sum", var rows, var width, var repetitions])
{
    Console.Error.WriteLine("Give: sum ROWS WIDTH REPETITIONS");
    return 2;
}

using MpiCommunicator communicator = MpiCommunicator.Start();
using RankSum sum = new(communicator, Number(rows), Number(width));
XxHash3 hash = new();
communicator.Barrier();
long start = System.Diagnostics.Stopwatch.GetTimestamp();
for (int repetition = 0; repetition < Number(repetitions); repetition++)
{
    for (int row = 0; row < sum.Rows; row++)
    {
        Span<float> own = sum.Own(row);
        for (int i = 0; i < own.Length; i++)
            own[i] = MathF.Sin((communicator.Rank * 1009) + (row * 31) + i + repetition);
    }

    sum.Run();
    for (int row = 0; row < sum.Rows; row++)
        hash.Append(MemoryMarshal.AsBytes(sum.Joined(row)));
}

double seconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
RankTraffic traffic = communicator.Traffic;
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"rank {communicator.Rank} of {communicator.Size}: {hash.GetCurrentHashAsUInt64():x16} {traffic.Messages} {traffic.Bytes} {seconds:0.000000} {communicator.Carrier}"));
return 0;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
