using System.Text.Json;
using KernelPolicy.Cli;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>From a training to shards that answer together.</summary>
internal sealed class ShardTests
{
    private const int Shards = 3;

    [Test]
    public void Shards_recommend_what_the_policy_recommends()
    {
        using TestFolder folder = new();
        string[] files = Bundle(folder);
        string[] history = [.. File.ReadLines(folder["log.csv"]).Skip(1).Select(line => line.Split(',')[1]).Distinct().Take(3)];
        JsonElement expected = ToolRun.Of(["recommend", "--policy", folder["run"], "--index", "exact", "--json", "--history", .. history]).Json.GetProperty("recommendations")[0];
        JsonElement local = Recommend(files, [.. history, "unheard"]);
        Assert.That(Ids(local), Is.EqualTo(Ids(expected)));
        Assert.That(local.GetProperty("missing_shards").GetArrayLength(), Is.Zero);
        Assert.That(local.GetProperty("unknown")[0].GetString(), Is.EqualTo("unheard"));
        Assert.That(expected.TryGetProperty("missing_shards", out _), Is.False);

        using CancellationTokenSource stop = new();
        (Task<int> Run, string Address)[] served = [.. files.Select(file => Serve(file, stop.Token))];
        JsonElement remote = Recommend([.. served.Select(one => one.Address)], history);
        Assert.That(Ids(remote), Is.EqualTo(Ids(expected)));
        Assert.That(remote.GetProperty("searched_share").GetDouble(), Is.EqualTo(1));
        stop.Cancel();
        Assert.That(Task.WhenAll(served.Select(one => one.Run)).Result, Is.All.EqualTo(ExitCode.Success));

        ToolRun none = ToolRun.Of(["recommend", "--history", history[0], "--shards", .. served.Select(one => one.Address)]);
        Assert.That(none.Code, Is.EqualTo(1));
        Assert.That(none.Error, Does.Contain("cannot be reached"));
    }

    [Test]
    public void A_shard_that_is_down_is_named()
    {
        using TestFolder folder = new();
        string[] files = Bundle(folder);
        string id = File.ReadLines(folder["log.csv"]).Skip(1).First().Split(',')[1];
        using CancellationTokenSource stop = new(), stopOne = new();
        (Task<int> Run, string Address)[] served = [.. files.Select((file, i) => Serve(file, i == 2 ? stopOne.Token : stop.Token))];
        stopOne.Cancel();
        served[2].Run.Wait();
        string[] known = Enumerable.Range(0, 2).SelectMany(i => IdsOf(files[i])).Contains(id) ? [id] : [IdsOf(files[0])[0]];
        ToolRun run = ToolRun.Of(["recommend", "--history", known[0], "--shards", .. served.Select(one => one.Address)]);
        Assert.That(run.Code, Is.Zero, run.Error);
        Assert.That(run.Error, Does.Contain("No answer in time from shard 2"));
        stop.Cancel();
    }

    [Test]
    public void Files_of_two_sets_are_refused()
    {
        using TestFolder folder = new();
        string[] files = Bundle(folder);
        ToolRun run = ToolRun.Of(["recommend", "--history", "1", "--shards", files[0], files[1]]);
        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Contain("There are 2 shards of a set of 3"));
        Assert.That(ToolRun.Of(["recommend", "--history", "1", "--shards", files[0], "10.0.0.5:7000"]).Error, Does.Contain("addresses only, or files only"));
    }

    private static string[] Bundle(TestFolder folder)
    {
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "run", "--index", "exact")).Code, Is.Zero);
        ToolRun run = ToolRun.Of("bundle", "--policy", folder["run"], "--shards", $"{Shards}", "--ef-search", "500", "--json");
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        JsonElement[] shards = [.. run.Json.GetProperty("shards").EnumerateArray()];
        string[] files = [.. shards.Select(shard => shard.GetProperty("file").GetString()!)];
        Assert.That(files, Is.EqualTo(Enumerable.Range(0, Shards).Select(s => Path.Combine(folder["run"], $"model.0{s}-of-03.kpolicy"))));
        Assert.That(shards.Sum(shard => shard.GetProperty("items").GetInt32()), Is.EqualTo(run.Json.GetProperty("items").GetInt32()));
        return files;
    }

    private static string[] IdsOf(string file)
    {
        using KernelPolicy.Policy.ServingBundle bundle = KernelPolicy.Policy.ServingBundle.Open(file);
        return [.. Enumerable.Range(0, bundle.Ids.Count).Select(item => bundle.Ids[item])];
    }

    private static JsonElement Recommend(string[] shards, string[] history)
    {
        ToolRun run = ToolRun.Of(["recommend", "--json", "--deadline-ms", "60000", "--history", .. history, "--shards", .. shards]);
        Assert.That(run.Code, Is.Zero, run.Error);
        return run.Json.GetProperty("recommendations")[0];
    }

    private static string[] Ids(JsonElement list) => [.. list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];

    private static (Task<int> Run, string Address) Serve(string file, CancellationToken stop)
    {
        FirstLine output = new();
        Task<int> run = Task.Factory.StartNew(
            () => CommandLineTool.Run(["serve-shard", "--bundle", file, "--listen", "127.0.0.1:0", "--json"], output, TextWriter.Null, stop),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return (run, JsonDocument.Parse(output.Line.Result).RootElement.GetProperty("address").GetString()!);
    }

    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task.WaitAsync(TimeSpan.FromMinutes(1));

        public override void WriteLine(string? value) => _line.TrySetResult(value!);
    }
}
