using System.Net;
using System.Net.Sockets;
using KernelPolicy.Distributed;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Shards on other machines, which here are ports of the loopback.</summary>
internal sealed class ServingShardTcpTests
{
    private static readonly ShardClientOptions Fast = new() { FirstBackoff = TimeSpan.FromMilliseconds(5), LongestBackoff = TimeSpan.FromMilliseconds(20) };

    [Test]
    public void Over_TCP_the_answer_is_the_same_to_the_bit()
    {
        using ServingShardCase made = new(3);
        ShardedRecommender sharded = made.Over([.. Clients(made, made.Open().Select(shard => Serve(made, shard)))]);
        int[] items = new int[10];
        float[] scores = new float[10];
        for (int request = 0; request < 20; request++)
        {
            float[] context = made.Whole.Context(request);
            Assert.That(sharded.Recommend(context, items, scores, new ShardedScope { Excluded = [request, 100, 199] }).IsComplete, Is.True);
            (int[] expected, float[] expectedScores) = made.Expected(context, 10, request, 100, 199);
            Assert.That(items, Is.EqualTo(expected));
            Assert.That(scores, Is.EqualTo(expectedScores));
        }

        int[] all = new int[200], wanted = new int[200];
        Assert.That(sharded.RecommendTo([3, 4], all, new float[200]).IsComplete, Is.True);
        made.Recommender.RecommendTo([3, 4], wanted, new float[200]);
        Assert.That(all, Is.EqualTo(wanted));
        int[] found = new int[3];
        Assert.That(sharded.Find(["item-199", "nöne", "item-0"], found), Is.Zero);
        Assert.That(found, Is.EqualTo(new[] { 199, -1, 0 }));
        Assert.That(sharded.IdsOf([70, 0, 199]), Is.EqualTo(new[] { "item-70", "item-0", "item-199" }));
        Assert.That(() => sharded.Recommend([.. Enumerable.Repeat(3e38f, 12)], items, scores), Throws.ArgumentException.With.Message.Contains("too large"));
        Assert.That(sharded.Find([new string('x', 2000), "item-1"], found), Is.Zero, "longer than any id, and no reason to end a connection that others use");
        Assert.That(found[..2], Is.EqualTo(new[] { -1, 1 }));
        Assert.That(() => sharded.RecommendTo(new int[ShardClient.MostListed + 1], items, scores), Throws.ArgumentException.With.Message.Contains("up to 65536 of each"));
        Assert.That(sharded.Recommend(new float[12], items, scores).IsComplete, Is.True);
    }

    [Test]
    public void Many_requests_at_once_over_one_connection_are_all_right()
    {
        using ServingShardCase made = new(2);
        ShardServer[] servers = [.. made.Open().Select(shard => Serve(made, shard))];
        ShardedRecommender sharded = made.Over([.. Clients(made, servers)]), second = made.Over([.. Clients(made, servers)]);
        int[][] expected = [.. Enumerable.Range(0, 16).Select(i => made.Expected(made.Whole.Context(i), 7).Items)];
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, request =>
        {
            int[] items = new int[7];
            ShardedAnswer answer = (request % 3 == 0 ? second : sharded).Recommend(made.Whole.Context(request % 16), items, new float[7]);
            Assert.That(answer.IsComplete, Is.True);
            Assert.That(items, Is.EqualTo(expected[request % 16]));
        });
        Assert.That(servers.Select(server => server.ConnectionCount), Is.All.EqualTo(2));
    }

    [Test]
    public void A_late_answer_over_TCP_is_dropped()
    {
        using ServingShardCase made = new(2);
        LocalShard[] shards = made.Open();
        GatedShard gated = new(shards[1]);
        ShardedRecommender sharded = made.Over([.. Clients(made, [Serve(made, shards[0]), Serve(made, gated)])]);
        int[] items = new int[5];
        float[] scores = new float[5];
        Assert.That(sharded.Recommend(made.Whole.Context(1), items, scores).IsComplete, Is.True);
        for (int round = 0; round < 3; round++)
        {
            gated.Shut();
            for (int request = 0; request < 3; request++)
                Assert.That(sharded.Recommend(made.Whole.Context(request), items, scores, Within(10)).IsMissing(1), Is.True);
            Assert.That(() => gated.Held, Is.EqualTo(3).After(10_000, 5), "all have come to the server");
            gated.OpenWithPoison();
            for (int request = 0; request < 5; request++)
            {
                Assert.That(sharded.Recommend(made.Whole.Context(request), items, scores).IsComplete, Is.True);
                Assert.That(items, Is.EqualTo(made.Expected(made.Whole.Context(request), 5).Items));
            }
        }
    }

    [Test]
    public void More_unanswered_questions_than_there_is_room_for_do_not_add_up()
    {
        using ServingShardCase made = new(1);
        GatedShard gated = new(made.Open()[0]);
        ShardedRecommender sharded = made.Over(Clients(made, [Serve(made, gated)])[0]);
        gated.Shut();
        int[] items = new int[2];
        for (int request = 0; request < ShardClient.MostWaiting + 50; request++)
            Assert.That(sharded.Recommend(made.Whole.Context(1), items, new float[2], new ShardedScope { Deadline = TimeSpan.FromMicroseconds(1) }).IsMissing(0), Is.True);

        // All of them, or those that come after the opening of the gate may be too many for the shard behind it.
        Assert.That(() => gated.Held, Is.EqualTo(ShardClient.MostWaiting + 50).After(10_000, 5));
        gated.OpenWithPoison();
        Assert.That(sharded.Recommend(made.Whole.Context(1), items, new float[2]).IsComplete, Is.True, $"{sharded.LastFailureOf(0)}");
        Assert.That(items, Is.EqualTo(made.Expected(made.Whole.Context(1), 2).Items));
    }

    [Test]
    public void A_dead_server_is_marked_and_complete_again_when_it_is_back()
    {
        using ServingShardCase made = new(2);
        LocalShard[] shards = made.Open();
        ShardServer first = Serve(made, shards[0]), second = Serve(made, shards[1]);
        ShardClient[] clients = Clients(made, [first, second]);
        ShardedRecommender sharded = made.Over([.. clients]);
        float[] context = made.Whole.Context(1);
        int[] items = new int[5];
        Assert.That(sharded.Recommend(context, items, new float[5]).IsComplete, Is.True);
        second.Dispose();
        Assert.That(() => clients[1].IsConnected, Is.False.After(10_000, 5));
        ShardedAnswer answer = sharded.Recommend(context, items, new float[5]);
        Assert.That((answer.MissingShards, answer.Found), Is.EqualTo((0b10UL, 5)));
        Assert.That(sharded.LastFailureOf(1), Is.InstanceOf<IOException>());
        Assert.That(clients[1].LastFailure!.Message, Does.Contain($":{second.Address.Port}"));

        made.Opened(new ShardServer(shards[1], second.Address, ownsShard: false));
        Assert.That(() => sharded.Recommend(context, items, new float[5]).IsComplete, Is.True.After(30_000, 5));
        Assert.That(items, Is.EqualTo(made.Expected(context, 5).Items));
    }

    [Test]
    public void A_shard_of_another_set_is_refused_when_it_comes_in_place_of_the_right_one()
    {
        using ServingShardCase made = new(2), other = new(2, seed: 9);
        LocalShard[] shards = made.Open(), others = other.Open();
        ShardServer server = Serve(made, shards[0]);
        ShardClient client = Clients(made, [server])[0];
        Assert.That(() => ShardClient.ConnectAll([Text(server), Text(Serve(other, others[1]))], Fast), Throws.TypeOf<InvalidDataException>().With.Message.Contains("not of one set"));
        Assert.That(() => ShardClient.ConnectAll([Text(server), Text(server)], Fast), Throws.TypeOf<InvalidDataException>().With.Message.Contains("Shard 1 of 2 expected"));
        server.Dispose();
        ShardServer wrong = made.Opened(new ShardServer(others[0], server.Address, ownsShard: false));
        Assert.That(() => client.LastFailure, Is.TypeOf<InvalidDataException>().After(10_000, 5));
        Assert.That(client.LastFailure!.Message, Does.Contain("not of one set"));
        Assert.That(client.IsConnected, Is.False);
        wrong.Dispose();
        made.Opened(new ShardServer(shards[0], server.Address, ownsShard: false));
        Assert.That(() => client.IsConnected, Is.True.After(30_000, 5));
    }

    [Test]
    public void A_front_starts_while_a_shard_is_down()
    {
        using ServingShardCase made = new(2);
        LocalShard[] shards = made.Open();
        ShardServer second = Serve(made, shards[1]);
        second.Dispose();
        ShardClient[] clients = [.. ShardClient.ConnectAll([Text(Serve(made, shards[0])), Text(second)], Fast)];
        foreach (ShardClient client in clients)
            made.Opened(client);
        ShardedRecommender sharded = made.Over([.. clients]);
        Assert.That(sharded.Recommend(made.Whole.Context(1), new int[5], new float[5]).MissingShards, Is.EqualTo(0b10));
        made.Opened(new ShardServer(shards[1], second.Address, ownsShard: false));
        Assert.That(() => sharded.Recommend(made.Whole.Context(1), new int[5], new float[5]).IsComplete, Is.True.After(30_000, 5));
        Assert.That(() => ShardClient.ConnectAll(["nowhere"]), Throws.ArgumentException.With.Message.Contains("'nowhere' is no address"));
        Assert.That(() => ShardClient.ConnectAll([]), Throws.ArgumentException);
    }

    [Test]
    public void A_server_that_falls_silent_is_given_up_and_looked_for_anew()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        ShardPlace place = new(new string('a', 32), 0, 1, 10, 3);
        Thread server = new(() =>
        {
            // Greets, and takes what comes without a word; the second connection ends it.
            using Socket first = Greet(), second = Greet();
        });
        server.Start();
        using ShardClient client = ShardClient.Connect(
            "127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port, Fast with { SilenceTimeout = TimeSpan.FromMilliseconds(20) });
        using ShardedRecommender sharded = new([client], new ShardedRecommenderOptions { Deadline = TimeSpan.FromMilliseconds(5) }, ownsShards: false);
        Assert.That(client.Place, Is.EqualTo(place));
        while (!server.Join(1))
            Assert.That(sharded.Recommend(new float[3], new int[1], new float[1]).MissingShards, Is.EqualTo(1));

        Socket Greet()
        {
            Socket socket = listener.Accept();
            socket.Receive(new byte[64]);
            FrameWriter frame = new();
            ShardProtocol.WriteServerHello(frame, place);
            socket.Send(frame.Frame);
            return socket;
        }
    }

    [Test]
    public void A_request_over_TCP_allocates_nothing_once_warm()
    {
        using ServingShardCase made = new(2);
        ShardedRecommender sharded = made.Over([.. Clients(made, made.Open().Select(shard => Serve(made, shard)))]);
        float[] context = made.Whole.Context(1), scores = new float[10];
        int[] items = new int[10], history = [3, 90, 150];
        Allocations.AssertNone(() =>
        {
            sharded.Recommend(context, items, scores, new ShardedScope { Excluded = history });
            sharded.RecommendTo(history, items, scores);
        });
    }

    [Test]
    public void An_address_that_is_taken_or_empty_is_named()
    {
        using ServingShardCase made = new(1);
        LocalShard shard = made.Open()[0];
        ShardServer server = Serve(made, shard);
        Assert.That(() => new ShardServer(shard, server.Address), Throws.TypeOf<IOException>().With.Message.Contains($"{server.Address} cannot be listened at"));
        server.Dispose();
        Assert.That(() => ShardClient.Connect("127.0.0.1", server.Address.Port), Throws.TypeOf<IOException>().With.Message.Contains("cannot be reached"));
        Assert.That(() => ShardClient.Connect("127.0.0.1", 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => ShardClient.Connect("127.0.0.1", 1, new ShardClientOptions { FirstBackoff = TimeSpan.Zero }), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static ShardedScope Within(int milliseconds) => new() { Deadline = TimeSpan.FromMilliseconds(milliseconds) };

    private static ShardServer Serve(ServingShardCase made, IShard shard) =>
        made.Opened(new ShardServer(shard, new IPEndPoint(IPAddress.Loopback, 0), ownsShard: false));

    private static ShardClient[] Clients(ServingShardCase made, IEnumerable<ShardServer> servers) =>
        [.. servers.Select(server => made.Opened(ShardClient.Connect("127.0.0.1", server.Address.Port, Fast)))];

    private static string Text(ShardServer server) => server.Address.ToString();
}
