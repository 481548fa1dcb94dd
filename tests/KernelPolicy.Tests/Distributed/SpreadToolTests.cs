using System.Diagnostics;
using System.Text.Json;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Cli;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>mpirun -n 2 kernelpolicy train. Skipped where there is no mpirun.</summary>
[TestFixture]
public sealed class SpreadToolTests
{
    private const string Tool = "kernelpolicy.dll";

    private string _folder = "";
    private string _data = "";

    [OneTimeSetUp]
    public void MakeData()
    {
        _folder = Directory.CreateTempSubdirectory("kernelpolicy-ranks").FullName;
        _data = Path.Combine(_folder, "log.csv");
        Assert.That(ToolRun.Of("generate", "--users", "400", "--items", "900", "--out", _data).Code, Is.Zero);
    }

    [OneTimeTearDown]
    public void RemoveData() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Two_ranks_train_what_one_process_trains_in_two_shares_and_say_so_once()
    {
        MpiRun run = MpiRun.Program(2, Tool, Train("two", "--json")).Succeeded();
        ToolRun one = ToolRun.Of(Train("one", "--json", "--shares", "2"));
        using JsonDocument spread = JsonDocument.Parse(string.Join('\n', run.Output)), alone = JsonDocument.Parse(one.Output);
        JsonElement ranks = spread.RootElement.GetProperty("ranks");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ranks.GetProperty("count").GetInt32(), Is.EqualTo(2));
            Assert.That(ranks.GetProperty("spread").GetString(), Is.EqualTo("contexts"));
            Assert.That(ranks.GetProperty("heads").GetString(), Is.EqualTo("step-before"));
            Assert.That(ranks.GetProperty("carrier").GetString(), Does.StartWith("Open MPI"));
            Assert.That(ranks.GetProperty("bytes_per_step").GetInt64(), Is.GreaterThan(2 * 4 * 16 * 16));
            Assert.That(alone.RootElement.GetProperty("ranks").GetProperty("shares").GetInt32(), Is.EqualTo(2));
            Assert.That(spread.RootElement.GetProperty("steps").GetInt64(), Is.EqualTo(alone.RootElement.GetProperty("steps").GetInt64()));
        }

        // Some 20 steps of Adam, each of at most 3e-4, whose gradient differs by the order of a sum: SpreadContextsTests.
        Assert.That(Theta("two"), Is.EqualTo(Theta("one")).Within(2e-6));
        MpiRun.Program(2, Tool, Train("again", "--json")).Succeeded();
        Assert.That(Theta("again"), Is.EqualTo(Theta("two")), "the same ranks, the same Θ, bit for bit");
    }

    [Test]
    public void Two_ranks_with_a_shard_of_the_items_each_write_the_policy_of_all_and_go_on_as_three()
    {
        MpiRun run = MpiRun.Program(2, Tool, Train("items", "--spread", "items", "--json")).Succeeded();
        using JsonDocument report = JsonDocument.Parse(string.Join('\n', run.Output));
        using (SoftmaxPolicy policy = PolicyFile.Load(Path.Combine(_folder, "items", "policy.kp")))
            Assert.That(policy.Items.Rows, Is.EqualTo(report.RootElement.GetProperty("items").GetInt64()));
        Assert.That(report.RootElement.GetProperty("ranks").GetProperty("spread").GetString(), Is.EqualTo("items"));
        // 16 contexts: rows of 2 · 16 + 2 numbers, and their own 16.
        Assert.That(report.RootElement.GetProperty("ranks").GetProperty("bytes_per_step").GetInt64(), Is.EqualTo(2 * 16 * (34 + 16) * 4));
        string[] more = [.. Train("items", "--spread", "items", "--resume").Select(word => word == "4" ? "6" : word)];
        Assert.That(MpiRun.Program(3, Tool, more).Succeeded().Errors, Does.Contain("goes on after step"));
    }

    [Test]
    public void Four_ranks_train_and_tell_a_person_of_their_exchange()
    {
        MpiRun run = MpiRun.Program(4, Tool, Train("four")).Succeeded();
        string told = string.Join(' ', run.Output);
        Assert.That(told, Does.Contain("4 ranks on Open MPI").And.Contain("contexts in 4 shares"));
        Assert.That(run.Output.Count(line => line.Contains("Policy:", StringComparison.Ordinal)), Is.EqualTo(1), told);
    }

    [Test]
    public void A_rank_that_is_killed_ends_the_job_by_name_and_the_training_goes_on_with_other_numbers_of_ranks()
    {
        string[] train = Train("killed", "--checkpoint-every", "5");
        string[] For(int epochs) => [.. train.Select((word, i) => i > 0 && train[i - 1] == "--epochs" ? $"{epochs}" : word)];
        string checkpoint = Path.Combine(_folder, "killed", "checkpoint.kp");
        Task<bool> killer = Task.Run(() => KillARankOnce(checkpoint));
        MpiRun run = MpiRun.Program(2, Tool, For(100_000));
        Assert.That(killer.Result, Is.True, "a rank was found and killed");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.Not.Zero);
            Assert.That(run.Errors, Does.Contain("noticed that process rank 1 with PID"));
            Assert.That(File.Exists(checkpoint), "the last checkpoint is kept");
        }

        // Two epochs more than were over, by the lines that were written.
        int epochs = run.Errors.Split('\n').Count(line => line.StartsWith("epoch ", StringComparison.Ordinal));
        ToolRun one = ToolRun.Of([.. For(epochs + 2), "--resume"]);
        Assert.That(one.Code, Is.Zero, one.Error);
        Assert.That(one.Error, Does.Contain("goes on after step"));
        MpiRun three = MpiRun.Program(3, Tool, [.. For(epochs + 4), "--resume"]).Succeeded();
        Assert.That(three.Errors, Does.Contain("goes on after step").And.Contain("contexts were in 2 shares and are now in 3"));
    }

    [TestCase("which is for one process", "recommend", "--policy", "x", "--history", "1")]
    [TestCase("--spread none is for one", "train", "--spread", "none")]
    [TestCase("leave out --device opencl", "train", "--device", "opencl")]
    [TestCase("too few for 2 ranks", "train", "--shares", "1")]
    [TestCase("--shares is '0'", "train", "--shares", "0")]
    [TestCase("leave out --objective, --kl-weight and --reference", "train", "--spread", "items", "--kl-weight", "0.1", "--reference", "x")]
    [TestCase("needs --estimator strata", "train", "--spread", "items", "--estimator", "uniform")]
    [TestCase("leave out --shares", "train", "--spread", "items", "--shares", "2")]
    public void What_ranks_cannot_do_is_refused(string reason, params string[] arguments)
    {
        string[] given = arguments[0] == "train" ? [.. Train("refused"), .. arguments[1..]] : arguments;
        MpiRun run = MpiRun.Program(2, Tool, given);
        Assert.That(run.ExitCode, Is.Not.Zero);
        Assert.That(run.Errors, Does.Contain(reason));
    }

    private string[] Train(string folder, params string[] more) =>
    [
        "train", "--data", _data, "--dim", "16", "--epochs", "4", "--top-k", "16", "--tail", "32", "--batch-size", "16", "--threads", "1",
        "--out", Path.Combine(_folder, folder), .. more,
    ];

    private float[] Theta(string folder)
    {
        using SoftmaxPolicy policy = PolicyFile.Load(Path.Combine(_folder, folder, "policy.kp"));
        return [.. Enumerable.Range(0, policy.Theta.Columns).SelectMany(row => policy.Theta.Row(row).ToArray())];
    }

    // Rank 1, once there is a checkpoint to go on from.
    private static bool KillARankOnce(string checkpoint)
    {
        for (int i = 0; i < 600; i++)
        {
            Thread.Sleep(50);
            if (File.Exists(checkpoint) && RankProcess(1) is { } rank)
            {
                rank.Kill();
                return true;
            }
        }

        return false;
    }

    private static Process? RankProcess(int rank)
    {
        foreach (Process process in Process.GetProcessesByName("dotnet"))
        {
            string environment = ReadOrEmpty($"/proc/{process.Id}/environ"), command = ReadOrEmpty($"/proc/{process.Id}/cmdline");
            if (environment.Contains($"OMPI_COMM_WORLD_RANK={rank}\0", StringComparison.Ordinal) && command.Contains("killed", StringComparison.Ordinal)
                && command.Contains(Tool, StringComparison.Ordinal))
                return process;
        }

        return null;
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
