using System.Net;
using System.Net.Sockets;
using KernelPolicy.Distributed;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Connections that others use too: relays, large questions, fronts that do not read, and ends in between.</summary>
internal sealed class ServingShardRelayTests
{
    [Test]
    public void Two_fronts_through_a_relay_are_given_their_own_answers()
    {
        using ServingShardCase made = new(1);
        ShardClient inner = Client(made, Serve(made, made.Open()[0]));
        ShardServer relay = Serve(made, inner);
        ShardedRecommender[] fronts = [made.Over(Client(made, relay)), made.Over(Client(made, relay))];
        int[][] expected = [.. Enumerable.Range(0, 16).Select(i => made.Expected(made.Whole.Context(i), 7).Items)];

        // One ahead, so that the numbers of the fronts and of the relay are never the same.
        Assert.That(fronts[0].Recommend(made.Whole.Context(0), new int[1], new float[1]).IsComplete, Is.True);
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 4 }, request =>
        {
            int[] items = new int[7];
            Assert.That(fronts[request % 2].Recommend(made.Whole.Context(request % 16), items, new float[7]).IsComplete, Is.True);
            Assert.That(items, Is.EqualTo(expected[request % 16]));
        });
        Assert.That(fronts[1].IdsOf([5, 199]), Is.EqualTo(new[] { "item-5", "item-199" }));
    }

    [Test]
    public void A_question_too_large_for_a_send_buffer_is_a_mistake_and_ids_are_asked_for_in_parts()
    {
        using ServingShardCase made = new(1);
        ShardClient client = Client(made, Serve(made, made.Open()[0]));
        ShardedRecommender sharded = made.Over(client);
        int[] many = new int[ShardClient.MostQuestionBytes / sizeof(int)];
        Assert.That(
            () => sharded.RecommendTo(many, new int[1], new float[1]),
            Throws.ArgumentException.With.Message.Contains($"up to {ShardClient.MostQuestionBytes}"));
        Assert.That(sharded.RecommendTo(many.AsSpan(100), new int[1], new float[1]).IsComplete, Is.True, "the largest that fits");

        // 300 bytes each: four questions' worth.
        string[] ids = [.. Enumerable.Range(0, 1500).Select(i => i % 500 == 0 ? $"item-{i / 10}" : new string('x', 300) + i)];
        int[] found = new int[ids.Length];
        Assert.That(sharded.Find(ids, found), Is.Zero);
        Assert.That(found, Is.EqualTo(Enumerable.Range(0, 1500).Select(i => i % 500 == 0 ? i / 10 : -1)));
        Assert.That((client.IsConnected, client.LastFailure), Is.EqualTo((true, (Exception?)null)));
    }

    [Test]
    public void A_caller_does_not_wait_past_its_deadline_for_others_to_send()
    {
        using ServingShardCase made = new(1);
        ShardClient client = Client(made, Serve(made, made.Open()[0]));
        ShardedRecommender sharded = made.Over(client);
        ulong missing = 0;
        Thread caller = new(() => missing = sharded.Recommend(
            made.Whole.Context(1), new int[1], new float[1], new ShardedScope { Deadline = TimeSpan.FromMilliseconds(20) }).MissingShards);
        using (client.Sending.EnterScope())
        {
            caller.Start();
            Assert.That(caller.Join(TimeSpan.FromMinutes(1)), Is.True, "while another sends");
        }

        Assert.That(missing, Is.EqualTo(1));
        Assert.That(sharded.LastFailureOf(0), Is.TypeOf<TimeoutException>());
        Assert.That(sharded.Recommend(made.Whole.Context(1), new int[1], new float[1]).IsComplete, Is.True);
    }

    [Test]
    public void A_front_that_does_not_read_is_closed_and_holds_up_no_other()
    {
        using ServingShardCase made = new(1);
        ShardServer server = Serve(made, made.Open()[0]);
        ShardedRecommender other = made.Over(Client(made, server));
        using Socket front = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, SendTimeout = 60_000 };
        front.Connect(server.Address);
        FrameWriter frame = new();
        ShardProtocol.WriteClientHello(frame);
        front.Send(frame.Frame);
        ShardCall call = new(made.Whole.Dimension);
        call.Begin(new Nobody(), ShardOperation.Names, 0, 0);
        call.SetItems(20_000).Clear();

        // Each is answered with 10 bytes an item: more in all than any buffers hold.
        Assert.That(
            () =>
            {
                for (int number = 1; number < 1000; number++)
                {
                    ShardFrames.WriteQuestion(frame, call, number, TimeSpan.FromMinutes(1));
                    front.Send(frame.Frame);
                }
            },
            Throws.TypeOf<SocketException>());
        Assert.That(() => server.ConnectionCount, Is.EqualTo(1).After(10_000, 5));
        Assert.That(server.LastFault, Is.TypeOf<IOException>().With.Message.Contains("has not taken an answer"));
        Assert.That(other.Recommend(made.Whole.Context(1), new int[1], new float[1]).IsComplete, Is.True);
    }

    [Test]
    public void A_connection_that_cannot_be_taken_on_ends_alone()
    {
        using ServingShardCase made = new(1);
        ShardServer server = Serve(made, made.Open()[0]);
        Socket gone = new(SocketType.Stream, ProtocolType.Tcp);
        gone.Dispose();
        server.Serve(gone);
        Assert.That(server.LastFault, Is.TypeOf<ObjectDisposedException>());
        Assert.That(server.ConnectionCount, Is.Zero);
        Assert.That(made.Over(Client(made, server)).Recommend(made.Whole.Context(1), new int[1], new float[1]).IsComplete, Is.True);
    }

    [Test]
    public void Clients_that_wait_to_be_greeted_end_at_once()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();

        // A day: the end of it is no timeout's.
        ShardClientOptions patient = new() { ConnectTimeout = TimeSpan.FromDays(1) };
        ShardClient client = new("127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port, new ShardPlace(new string('a', 32), 0, 1, 10, 3), patient);
        using Socket silent = listener.Accept();
        silent.Receive(new byte[64]);
        Thread ending = new(client.Dispose);
        ending.Start();
        Assert.That(ending.Join(TimeSpan.FromMinutes(1)), Is.True);
    }

    [Test]
    public void Places_and_addresses_that_make_no_sense_are_refused()
    {
        ShardPlace place = new(new string('a', 32), 0, 1, 10, 3);
        Assert.That(() => new ShardClient("127.0.0.1", 1, place with { Shards = 0 }), Throws.ArgumentException.With.Message.Contains("1 to 64 shards"));
        Assert.That(() => new ShardClient("127.0.0.1", 1, place with { Set = null! }), Throws.ArgumentException.With.Message.Contains("hexadecimal digits"));
        Assert.That(() => new ShardedRecommender([null!]), Throws.ArgumentException);
        Assert.That(() => ShardSet.Check([place with { Dimension = 0 }]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("dimensions"));
        Assert.That(() => ShardSet.Check([.. Enumerable.Repeat(place, 65)]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("up to 64"));
        Assert.That(() => ShardSet.Check([place, null!]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("Shard 1 has no place"));
        Assert.That(() => ShardSet.Check([place, place], ["a:1", "b:2"]), Throws.TypeOf<InvalidDataException>().With.Message.StartsWith("b:2: Shard 1"));
        foreach (string bad in new[] { "::1:7000", "[::1]", "host", "host:0", ":7000" })
            Assert.That(() => ShardClient.ConnectAll([bad]), Throws.ArgumentException.With.Message.Contains("is no address"), bad);
        Assert.That(() => ShardClient.ConnectAll([.. Enumerable.Repeat("10.0.0.5:7000", 65)]), Throws.ArgumentException.With.Message.Contains("1 to 64"));
    }

    [Test]
    public void Bundles_of_all_items_are_told_apart_by_their_facts()
    {
        Dictionary<string, string> facts = new() { ["seed"] = "1", ["epochs"] = "2" }, same = new() { ["epochs"] = "2", ["seed"] = "1" };
        ShardPlace place = ShardPlace.Of(facts, 10, 3);
        Assert.That(place.Fault(), Is.Null);
        Assert.That(ShardPlace.Of(same, 10, 3), Is.EqualTo(place));
        facts["seed"] = "3";
        Assert.That(new[] { place.Set, ShardPlace.Of(facts, 10, 3).Set, ShardPlace.Of(same, 11, 3).Set, ShardPlace.Of(same, 10, 4).Set }, Is.Unique);
    }

    private static ShardServer Serve(ServingShardCase made, IShard shard) =>
        made.Opened(new ShardServer(shard, new IPEndPoint(IPAddress.Loopback, 0), ownsShard: false));

    private static ShardClient Client(ServingShardCase made, ShardServer server) =>
        made.Opened(ShardClient.Connect("127.0.0.1", server.Address.Port));

    private sealed class Nobody : IShardCaller
    {
        public void Ended(ShardCall call)
        {
        }
    }
}
