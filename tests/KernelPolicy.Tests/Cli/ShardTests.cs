using System.Text.Json;
using KernelPolicy.Cli;
using KernelPolicy.Cli.Commands;
using KernelPolicy.Cli.Options;
using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Tests.Distributed;
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

    [Test]
    public void Options_that_are_not_of_shards_are_refused_and_efSearch_is_passed_on()
    {
        using TestFolder folder = new();
        string[] files = Bundle(folder);
        string id = IdsOf(files[0])[0];
        Assert.That(Error(["--hnsw-m", "16"], files), Does.Contain("--hnsw-m is of an index that is built"));
        Assert.That(Error(["--index", "exact"], files), Does.Contain("--index is of an index that is built"));
        Assert.That(Error(["--ef-search", "5"], ["10.0.0.5:7000"]), Does.Contain("those that are served"));
        Assert.That(Error([], [files[0], folder["nowhere.kpolicy"], files[2]]), Does.Contain("nowhere.kpolicy' is none"));
        Assert.That(Error(["--ef-search", $"{1 << 20}"], files), Is.Empty);
        ToolRun stopped = ToolRun.Of(["recommend", "--history", id, "--shards", .. files], new StringWriter(), new CancellationToken(true));
        Assert.That((stopped.Code, stopped.Output), Is.EqualTo((ExitCode.Cancelled, "")));
        foreach (string listen in new[] { "::1:7000", "::1", "[::1]", "127.0.0.1" })
            Assert.That(ToolRun.Of("serve-shard", "--bundle", files[0], "--listen", listen).Error, Does.Contain("brackets"), listen);

        string Error(string[] options, string[] shards) => ToolRun.Of(["recommend", "--json", "--history", id, .. options, "--shards", .. shards]).Error;
    }

    [TestCase(1)]
    [TestCase(2)]
    public void Ids_of_a_shard_that_missed_the_question_are_asked_for_again_and_not_recommended_back(int misses)
    {
        using ServingShardCase made = new(2);
        LocalShard[] shards = made.Open();
        RecommendRequest request = new(
            "", ["of the case"], TimeSpan.FromMinutes(1), [], null, new Dictionary<string, string>(), 199, false,
            new IndexChoice("auto", HnswMetric.InnerProduct, 16, 100, 64, false), 1, new OutputChoice(true, false));
        RecommendationList list = new ShardedRecommendationRun(request, default).RecommendTo(
            made.Over(shards[0], new MissingShard(shards[1], misses)), ["item-1", "item-150", "unheard"], 0);
        string[] items = [.. list.Items.Select(item => item.Id)];
        Assert.That(items, Has.Length.EqualTo(198).And.None.EqualTo("item-1").And.None.EqualTo("item-150"));
        Assert.That(list.History, Is.EqualTo(misses == 1 ? new[] { "item-1", "item-150" } : ["item-1"]));
        Assert.That(list.Unknown, Is.EqualTo(misses == 1 ? new[] { "unheard" } : ["item-150", "unheard"]));
        Assert.That(list.MissingShards, Is.EqualTo(misses == 1 ? Array.Empty<int>() : [1]));
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

    /// <summary>A shard that does not answer the first questions for ids.</summary>
    private sealed class MissingShard(IShard shard, int misses) : IShard
    {
        private int _left = misses;

        public ShardPlace Place => shard.Place;

        public void Start(ShardCall question)
        {
            if (question.Operation == ShardOperation.Find && --_left >= 0)
                question.Fail(new IOException("busy"));
            else
                shard.Start(question);
        }

        public void Dispose() => shard.Dispose();
    }

    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task.WaitAsync(TimeSpan.FromMinutes(1));

        public override void WriteLine(string? value) => _line.TrySetResult(value!);
    }
}
