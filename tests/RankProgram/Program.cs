using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using KernelPolicy.Distributed;
using KernelPolicy.RankProgram;

// What each rank of an mpirun does:
// RankProgram sum ROWS WIDTH REPETITIONS   sums tables; writes "rank RANK of N: HASH messages bytes seconds carrier"
// RankProgram items EPOCHS                 trains on a catalogue in shards; writes "rank RANK of N: HASH messages bytes"
// RankProgram broadcast BYTES ROOT         hands bytes on; writes "rank RANK of N: HASH messages bytes"
// RankProgram fail RANK kill|throw         sums until a rank fails
// RankProgram barrier MILLISECONDS         rank 0 comes that much later; writes "rank RANK of N: CAME PASSED" in seconds
// RankProgram wire INTERFACE ROWS WIDTH REPETITIONS   sums tables; writes "rank RANK of N: HASH messages bytes SENT FRAMES FORMULA": what
//                                          the interface has sent, and what the formula says of one sum by all ranks
// RankProgram link LATENCY-US MBIT MESSAGE-US   how long sums take by size, beside the model's times for such a link, as a table
// RankProgram environment                  writes "rank RANK of N: RANK RANKS RANKS-HERE THREADS", known before MPI starts
(int, int, int, int) known = (MpiEnvironment.Rank, MpiEnvironment.Ranks, MpiEnvironment.RanksHere, MpiEnvironment.ThreadsOfARank);
using MpiCommunicator communicator = MpiCommunicator.Start();
string who = $"rank {communicator.Rank} of {communicator.Size}";
using PosixSignalRegistration terminated = PosixSignalRegistration.Create(
    PosixSignal.SIGTERM, _ => Console.Error.WriteLine($"{who} was told to end"));
try
{
    switch (args)
    {
        case ["sum", var rows, var width, var repetitions]:
            SummedResult result = SummedTables.Run(communicator, Number(rows), Number(width), Number(repetitions));
            Say($"{result.Hash:x16} {result.Traffic.Messages} {result.Traffic.Bytes} {result.Time.TotalSeconds:0.000000} {communicator.Carrier}");
            return 0;
        case ["items", var epochs]:
            SummedResult trained = SpreadItemsTraining.Run(communicator, Number(epochs));
            Say($"{trained.Hash:x16} {trained.Traffic.Messages} {trained.Traffic.Bytes}");
            return 0;
        case ["broadcast", var bytes, var root]:
            byte[] values = new byte[Number(bytes)];
            new Random(communicator.Rank).NextBytes(values);
            communicator.Broadcast(values, Number(root));
            communicator.Barrier();
            Say($"{XxHash3.HashToUInt64(values):x16} {communicator.Traffic.Messages} {communicator.Traffic.Bytes}");
            return 0;
        case ["barrier", var milliseconds]:
            communicator.Barrier();
            if (communicator.Rank == 0)
                Thread.Sleep(Number(milliseconds));
            double came = Clock();
            communicator.Barrier();
            Say($"{came:0.000000} {Clock():0.000000}");
            return 0;
        case ["wire", var device, var rows, var width, var repetitions]:
            (SummedResult summed, long sent, long frames) = WireBytes.Run(communicator, device, Number(rows), Number(width), Number(repetitions));
            Say($"{summed.Hash:x16} {summed.Traffic.Messages} {summed.Traffic.Bytes} {sent} {frames} {RankReduction.TotalBytes(communicator.Size, Number(rows), Number(width))}");
            return 0;
        case ["link", var latency, var rate, var message]:
            LinkModel link = new(Number(latency) * 1e-6, Number(rate) * 1e6 / 8, Number(message) * 1e-6)
            {
                HandshakeBytes = LinkModel.OpenMpiTcpHandshake,
            };
            LinkMeasurement.Run(communicator, link, Console.Out);
            return 0;
        case ["environment"]:
            Say($"{known.Item1} {known.Item2} {known.Item3} {known.Item4}");
            return 0;
        case ["fail", var rank, ("kill" or "throw") and var how]:
            FailingRank.Run(communicator, Number(rank), how == "kill", Console.Error);
            return 0;
        default:
            Console.Error.WriteLine("Give: sum ROWS WIDTH REPETITIONS | items EPOCHS | broadcast BYTES ROOT | barrier MILLISECONDS |\n"
                + "wire INTERFACE ROWS WIDTH REPETITIONS | link LATENCY-US MBIT MESSAGE-US | environment | fail RANK kill|throw");
            return 2;
    }
}
catch (Exception e)
{
    Console.Error.WriteLine($"error: {who} on {communicator.Host}: {e.Message}");
    communicator.Abort(1);
    return 1;
}

void Say(FormattableString what) => Console.WriteLine($"{who}: {what.ToString(CultureInfo.InvariantCulture)}");

static double Clock() => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
