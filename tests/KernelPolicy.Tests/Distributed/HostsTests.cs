using System.Globalization;
using System.Text.RegularExpressions;
using KernelPolicy.Distributed;
using KernelPolicy.RankProgram;
using KernelPolicy.Tests.Architecture;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Ranks on two hosts in network namespaces (tests/Hosts), 1 ms there and back and 1 Gbit/s apart. Skipped where one may not make
/// them. A second and more a test: each makes its hosts and starts a job on them, and the check of the wire carries 262 MB.</summary>
public class HostsTests
{
    private const int Hosts = 2;

    // Of a frame of at most 1514 bytes: Ethernet 14, IPv4 20, TCP 20 and its time stamps 12; 1448 are left for what is sent.
    private const int FrameHeaders = 14 + 20 + 20 + 12;
    private const int Segment = 1500 - 20 - 20 - 12;

    // Open MPI's own header before a message, of the TCP transport and of matching; less than 64 bytes by its source.
    private const int MessageHeader = 64;

    // Barriers around the counting: each rank sends in each of four at most 2 messages and their acknowledgements.
    private const int Barriers = 4 * 2 * 2 * (FrameHeaders + MessageHeader);

    [TestCase(16, 64)]
    [TestCase(100, 100)]
    public void Sums_have_the_bits_that_threads_give_and_the_wire_carries_the_bytes_of_the_formula(int rows, int width)
    {
        const int repetitions = 20;
        SummedResult[] expected = new SummedResult[Hosts];
        LocalRanks.Run(Hosts, communicator => expected[communicator.Rank] = SummedTables.Run(communicator, rows, width, repetitions));

        MpiRun run = OnHosts("wire", "eth0", $"{rows}", $"{width}", $"{repetitions}").Succeeded();

        string[][] said = [.. Enumerable.Range(0, Hosts).Select(rank => run.Words(rank, Hosts))];
        long[] counted = [.. said.Select(words => long.Parse(words[2], CultureInfo.InvariantCulture))];
        long[] sent = [.. said.Select(words => long.Parse(words[3], CultureInfo.InvariantCulture))];
        long messages = (long)repetitions * (Hosts - 1), bytes = RankReduction.TotalBytes(Hosts, rows, width) / Hosts;

        // The last segment of a message is short, and one more may be where the window ended; each segment of the other rank is answered
        // at most once by a frame of headers alone.
        long segments = messages * (((bytes + MessageHeader) / Segment) + 2);
        long most = (messages * (bytes + MessageHeader)) + (2 * segments * FrameHeaders) + Barriers;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(said.Select(words => words[0]), Is.All.EqualTo($"{expected[0].Hash:x16}"));
            Assert.That(counted, Is.All.EqualTo(messages * bytes), "counted by the ranks");
            Assert.That(sent, Is.All.InRange(messages * bytes, most), "counted by the interface");
        }
    }

    [Test]
    public void A_sum_takes_the_latency_at_least_and_is_over_within_a_few()
    {
        const int repetitions = 40;
        MpiRun run = OnHosts("sum", "4", "4", $"{repetitions}").Succeeded();
        double seconds = double.Parse(run.Words(0, Hosts)[3], CultureInfo.InvariantCulture) / repetitions;

        // 0.5 ms one way. Above it is what the machine takes to wake up who waits: tens of microseconds on an idle one; where others keep its
        // processors busy, some slices of the scheduler, of up to 4 ms each.
        Assert.That(seconds, Is.InRange(0.5e-3, 20e-3));
    }

    [Test]
    public void The_wire_is_no_faster_than_asked_for()
    {
        MpiRun run = Lab("--check").Succeeded();
        Match found = Regex.Match(string.Join('\n', run.Output), @"^rtt-us-p50 (\d+) rtt-us-p99 \d+ bulk-mbit (\d+)$");
        Assert.That(found.Success, string.Join('\n', run.Output));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture), Is.GreaterThanOrEqualTo(1000));

            // Of a frame of 1514 bytes, and 24 around it, 1448 are what is sent.
            Assert.That(int.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture), Is.LessThanOrEqualTo(1000 * Segment / (1514 + 24)));
        }
    }

    [Test]
    public void Nothing_is_left_behind_after_a_rank_has_failed()
    {
        string[] before = Namespaces();
        MpiRun run = OnHosts("fail", "1", "kill");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.Not.Zero);

            // Open MPI 5 may see the socket of the dead before its death is reported, and ends the job for that: then nobody names the rank.
            Assert.That(run.Errors.Replace('\n', ' '), Does.Contain("noticed that process rank 1").Or.Contain("Socket closed"));
            Assert.That(Namespaces().Except(before).Where(name => name.StartsWith("kphosts-", StringComparison.Ordinal)), Is.Empty);
        }
    }

    [Test]
    public void A_rank_that_throws_names_itself_and_its_host()
    {
        MpiRun run = OnHosts("fail", "1", "throw");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.Not.Zero);
            Assert.That(run.Errors, Does.Contain("error: rank 1 of 2 on host2: what a rank could not read"));
        }
    }

    private static MpiRun OnHosts(params string[] arguments) =>
        Lab([MpiRun.Dotnet, Path.Combine(AppContext.BaseDirectory, "KernelPolicy.RankProgram.dll"), .. arguments]);

    private static MpiRun Lab(params string[] arguments)
    {
        MpiRun.Find();
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || !File.Exists("/dev/net/tun") || !CanMakeNamespaces())
            Assert.Ignore("Hosts are network namespaces: that takes root, ip of iproute2, and /dev/net/tun.");
        return MpiRun.Command(
            [Path.Combine(Repository.Root, "tests", "Hosts", "run"), "--hosts", $"{Hosts}", "--programs", AppContext.BaseDirectory, .. arguments],
            TimeSpan.FromSeconds(60));
    }

    private static bool CanMakeNamespaces()
    {
        string name = $"kphosts-{Environment.ProcessId}-0";
        try
        {
            return MpiRun.Command(["ip", "netns", "add", name], TimeSpan.FromSeconds(10)).ExitCode == 0
                && MpiRun.Command(["ip", "netns", "del", name], TimeSpan.FromSeconds(10)).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static string[] Namespaces() => Directory.Exists("/var/run/netns")
        ? [.. Directory.GetFiles("/var/run/netns").Select(path => Path.GetFileName(path)!)]
        : [];
}
