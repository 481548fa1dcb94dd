using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using KernelPolicy.Distributed;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>What is no frame of the protocol is refused, with what was expected, and does no harm.</summary>
internal sealed class ServingShardFrameTests
{
    private static readonly ShardPlace Place = new(new string('a', 32), 1, 2, 200, 3);

    [Test]
    public void Greetings_come_through()
    {
        FrameWriter frame = new();
        ShardProtocol.WriteServerHello(frame, Place);
        Assert.That(frame.Frame.Length, Is.EqualTo(4 + ShardProtocol.ServerHelloBytes));
        Assert.That(ShardProtocol.ReadServerHello(frame.Frame[4..]), Is.EqualTo(Place));
        ShardProtocol.WriteClientHello(frame);
        Assert.That(frame.Frame.Length, Is.EqualTo(4 + ShardProtocol.ClientHelloBytes));
        byte[] hello = frame.Frame[4..].ToArray();
        ShardProtocol.ReadClientHello(hello);
        hello[8] = 2;
        Assert.That(() => ShardProtocol.ReadClientHello(hello), Throws.TypeOf<InvalidDataException>().With.Message.Contains("version 1 of the protocol expected, found 2"));
        Assert.That(() => ShardProtocol.ReadClientHello("GET / HTTP/1"u8), Throws.TypeOf<InvalidDataException>().With.Message.Contains("'KPSHARD' expected, found 'GET / HT'"));
    }

    // Offsets of a question: number 0, operation 8, time 12, N 16, listed 20, context 24, items 36.
    [TestCase(8, 9, "an operation of 0 to 3 expected, found 9")]
    [TestCase(12, -1, "a time in microseconds")]
    [TestCase(16, 0, "N of 1 to 100 expected, found 0")]
    [TestCase(16, 101, "N of 1 to 100 expected, found 101")]
    [TestCase(20, -1, "a number of items of 0 to 65536 expected, found -1")]
    [TestCase(20, 3, "items in 12 bytes expected, found 8")]
    [TestCase(20, 1, "the end expected, found 4 bytes more")]
    [TestCase(36, 100, "items of 0 to 99 expected, found 100")]
    [TestCase(40, -1, "items of 0 to 99 expected, found -1")]
    public void A_bad_question_is_named(int at, int value, string expected)
    {
        ShardCall call = new(3), read = new(3);
        call.Begin(new Caller(), ShardOperation.Search, 5, 0);
        call.Add(7);
        call.Add(99);
        call.Context[2] = 1.5f;
        FrameWriter frame = new();
        ShardFrames.WriteQuestion(frame, call, 12, TimeSpan.FromMilliseconds(1));
        byte[] body = frame.Frame[4..].ToArray();
        int budget = 0;
        ShardFrames.ReadQuestion(body, Place, read, new Caller(), microseconds => budget = microseconds);
        Assert.That((read.AskedAs, read.Operation, read.N, budget), Is.EqualTo((12L, ShardOperation.Search, 5, 1000)));
        Assert.That(read.Items.ToArray(), Is.EqualTo(new[] { 7, 99 }));
        Assert.That(read.Context[2], Is.EqualTo(1.5f));

        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(at), value);
        Assert.That(
            () => ShardFrames.ReadQuestion(body, Place, new ShardCall(3), new Caller(), _ => 0),
            Throws.TypeOf<InvalidDataException>().With.Message.StartsWith("A bad frame, at byte ").And.Message.Contains(expected));
    }

    [TestCase(8, 7, "a status of 0 to 4 expected, found 7")]
    [TestCase(12, 3, "a number of items of 0 to 2 expected, found 3")]
    [TestCase(12, 1, "the end expected")]
    [TestCase(16, 100, "items of 0 to 99 expected, found 100")]
    public void A_bad_answer_is_named(int at, int value, string expected)
    {
        ShardCall call = new(3), asked = new(3);
        call.Begin(new Caller(), ShardOperation.Search, 2, 0);
        asked.Begin(new Caller(), ShardOperation.Search, 2, 0);
        (call.FoundItems[0], call.FoundItems[1], call.FoundScores[1]) = (4, 5, 0.5f);
        call.Complete(2);
        FrameWriter frame = new();
        ShardFrames.WriteAnswer(frame, call);
        byte[] body = frame.Frame[4..].ToArray();
        Assert.That(ShardFrames.ReadAnswer(body, Place, asked), Is.EqualTo((2, (Exception?)null)));
        Assert.That((asked.FoundItems[1], asked.FoundScores[1]), Is.EqualTo((5, 0.5f)));
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(at), value);
        Assert.That(() => ShardFrames.ReadAnswer(body, Place, asked), Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected));
    }

    [Test]
    public void Any_bytes_are_a_question_or_an_InvalidDataException()
    {
        Random random = new(1);
        for (int trial = 0; trial < 20_000; trial++)
        {
            byte[] body = new byte[random.Next(64)];
            random.NextBytes(body);

            // Otherwise none would come past the operation.
            if (body.Length > 24)
                (body[9], body[10], body[11], body[15], body[17], body[18], body[19], body[21], body[22], body[23]) = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
            if (body.Length > 8)
                body[8] &= 3;
            try
            {
                ShardFrames.ReadQuestion(body, Place, new ShardCall(3), new Caller(), _ => 0);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [TestCase("", "", "")]
    [TestCase("7FFFFFFF", "", "a length of 1 to 12 bytes expected")]
    [TestCase("00000000", "", "a length of 1 to 12 bytes expected, found 0")]
    [TestCase("0C000000", "GET / HTTP/1", "'KPSHARD' expected")]
    [TestCase("hello", "FFFFFFFF", "a length of 1 to 16777216 bytes expected, found -1")]
    [TestCase("hello", "01000001", "a length of 1 to 16777216 bytes expected, found 16777217", Description = "the limit and one")]
    [TestCase("hello", "0300000001", "a bad frame")]
    public void A_server_says_what_it_expected_and_goes_on_with_others(string first, string second, string expected)
    {
        using ServingShardCase made = new(1);
        using ShardServer server = new(made.Open()[0], new IPEndPoint(IPAddress.Loopback, 0), ownsShard: false);
        using ShardClient client = ShardClient.Connect("127.0.0.1", server.Address.Port);
        ShardedRecommender sharded = made.Over(client);
        using (Socket socket = new(SocketType.Stream, ProtocolType.Tcp))
        {
            socket.Connect(server.Address);
            foreach (string part in new[] { first, second })
                socket.Send(BytesOf(part));
            socket.Shutdown(SocketShutdown.Send);
            string told = Encoding.UTF8.GetString(ReadAll(socket));
            if (expected.Length > 0 && expected != "a bad frame")
                Assert.That(told, Does.Contain(expected));
            Assert.That(() => server.LastFault, Is.TypeOf<InvalidDataException>().After(10_000, 5));
        }

        Assert.That(sharded.Recommend(made.Whole.Context(1), new int[3], new float[3]).IsComplete, Is.True);
        Assert.That(() => server.ConnectionCount, Is.EqualTo(1).After(10_000, 5));
    }

    [TestCase("4854545000", "a length of 1 to 4096 bytes expected")]
    [TestCase("3C0000004854545000", "found the end of the connection after 9")]
    [TestCase("", "closed the connection before it greeted")]
    public void What_answers_as_no_shard_server_does_is_named(string bytes, string expected)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Thread server = new(() =>
        {
            using Socket socket = listener.Accept();
            socket.Receive(new byte[16]);
            socket.Send(BytesOf(bytes));
            socket.Shutdown(SocketShutdown.Both);
        });
        server.Start();
        Assert.That(
            () => ShardClient.Connect("127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port),
            Throws.InstanceOf<SystemException>().With.Message.Contains(expected));
        server.Join();
    }

    [Test]
    public void A_servers_refusal_of_a_greeting_is_its_reason_and_names_the_server()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        string reason = "version 7 of the protocol expected, found 1, " + new string('x', 100);
        Thread server = new(() =>
        {
            using Socket socket = listener.Accept();
            socket.Receive(new byte[16]);
            FrameWriter frame = new();
            ShardFrames.WriteRefusal(frame, 0, AnswerStatus.BadFrame, reason);
            socket.Send(frame.Frame);
            socket.Shutdown(SocketShutdown.Both);
        });
        server.Start();
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        Assert.That(
            () => ShardClient.Connect("127.0.0.1", port),
            Throws.TypeOf<InvalidDataException>().With.Message.EqualTo($"127.0.0.1:{port}: {reason}"));
        server.Join();
    }

    [Test]
    public void An_id_longer_than_any_is_asked_for_as_none_and_not_kept()
    {
        ShardCall call = new(3), read = new(3);
        call.Begin(new Caller(), ShardOperation.Find, 3, 0);
        call.SetIds(["short", new string('é', 600), new string('x', 1024)]);
        FrameWriter frame = new();
        ShardFrames.WriteQuestion(frame, call, 1, TimeSpan.Zero);
        ShardFrames.ReadQuestion(frame.Frame[4..], Place, read, new Caller(), _ => 0);
        Assert.That(read.Ids, Is.EqualTo(new[] { "short", null, new string('x', 1024) }));
        FrameWriter other = new();
        other.Begin();
        other.Add(1025);
        other.Add(new byte[1025]);
        other.End();
        FrameReader reader = new(other.Frame[4..], "a question");
        Assert.That(reader.Text("an id", 1024), Is.Null);
        reader.End();
    }

    [Test]
    public void A_server_that_says_nothing_is_given_up()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Assert.That(
            () => ShardClient.Connect(
                "127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port, new ShardClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(50) }),
            Throws.TypeOf<IOException>().With.Message.Contains("does not greet").And.Message.StartsWith("127.0.0.1:"));
    }

    private static byte[] BytesOf(string text)
    {
        if (text == "hello")
        {
            FrameWriter frame = new();
            ShardProtocol.WriteClientHello(frame);
            return frame.Frame.ToArray();
        }

        return text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : Encoding.ASCII.GetBytes(text);
    }

    private static byte[] ReadAll(Socket socket)
    {
        using MemoryStream all = new();
        byte[] part = new byte[4096];
        try
        {
            for (int read = socket.Receive(part); read > 0; read = socket.Receive(part))
                all.Write(part, 0, read);
        }
        catch (SocketException)
        {
            // Closed with bytes of ours unread.
        }

        return all.ToArray();
    }

    private sealed class Caller : IShardCaller
    {
        public void Ended(ShardCall call)
        {
        }
    }
}
