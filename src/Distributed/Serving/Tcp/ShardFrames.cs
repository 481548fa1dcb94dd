using System.Buffers.Binary;
using System.Text;
using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>Calls as frames, both ways: what a client writes a server reads, and back.</summary>
internal static class ShardFrames
{
    /// <summary>Writes a question.</summary>
    /// <exception cref="ArgumentException">There is too much in it for a frame.</exception>
    public static void WriteQuestion(FrameWriter frame, ShardCall call, long number, TimeSpan budget)
    {
        int listed = call.Operation == ShardOperation.Find ? call.Ids.Length : call.Items.Length;
        if (listed > ShardProtocol.MostListed || call.N > ShardProtocol.MostListed)
        {
            throw new ArgumentException(
                $"{listed} items are listed and {call.N} asked for; a question to another machine has up to {ShardProtocol.MostListed} of each.");
        }

        frame.Begin();
        frame.Add(number);
        frame.Add((int)call.Operation);
        frame.Add((int)Math.Clamp(budget.TotalMicroseconds, 0, int.MaxValue));
        frame.Add(call.Operation == ShardOperation.Search ? call.N : 0);
        frame.Add(listed);
        if (call.Operation == ShardOperation.Search)
            frame.Add((ReadOnlySpan<float>)call.Context);
        frame.Add(call.Items[..(call.Operation == ShardOperation.Find ? 0 : listed)]);
        for (int i = 0; call.Operation == ShardOperation.Find && i < listed; i++)
            frame.Add(call.Ids[i] is { } id && IsPossible(id) ? id : null);
        frame.End();
        if (frame.Frame.Length > ShardProtocol.MostQuestionBytes)
        {
            throw new ArgumentException(
                $"The question has {frame.Frame.Length} bytes; one to another machine has up to {ShardProtocol.MostQuestionBytes}.");
        }
    }

    /// <summary>Reads a question into a call, which is begun.</summary>
    /// <param name="body">The frame.</param>
    /// <param name="place">The shard that is asked.</param>
    /// <param name="call">Room for it.</param>
    /// <param name="caller">Told when the call has ended.</param>
    /// <param name="deadlineOf">The time in so many microseconds.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static void ReadQuestion(ReadOnlySpan<byte> body, ShardPlace place, ShardCall call, IShardCaller caller, Func<int, long> deadlineOf)
    {
        FrameReader frame = new(body, "a question");
        long number = frame.Int64("a number");
        ShardOperation operation = (ShardOperation)frame.Count(0, (int)ShardOperation.Names, "an operation");
        int budget = frame.Count(0, int.MaxValue, "a time in microseconds");
        bool isSearch = operation == ShardOperation.Search, isFind = operation == ShardOperation.Find;
        int n = frame.Count(isSearch ? 1 : 0, Math.Min(place.Count, ShardProtocol.MostListed), "N");
        int listed = frame.Count(0, ShardProtocol.MostListed, "a number of items");
        call.Begin(caller, operation, isFind ? listed : n, deadlineOf(budget));
        call.AskedAs = number;
        if (isSearch)
            frame.Read(call.Context, "a context");
        if (isFind)
        {
            string?[] ids = new string?[listed];
            for (int i = 0; i < listed; i++)
                ids[i] = frame.Text("an id", ItemIdTable.LongestId);
            call.SetIds(ids);
        }
        else
        {
            Span<int> items = call.SetItems(listed);
            frame.Read(items, "items");
            foreach (int item in items)
            {
                if ((uint)item >= (uint)place.Count)
                    throw frame.Fault($"items of 0 to {place.Count - 1} expected, found {item}");
            }

            if (operation == ShardOperation.Names)
                call.SetIds(new string?[listed]);
        }

        frame.End();
    }

    /// <summary>Writes an answer.</summary>
    public static void WriteAnswer(FrameWriter frame, ShardCall call)
    {
        if (call.Failure is { } failure)
        {
            AnswerStatus status = failure switch
            {
                ArgumentException => AnswerStatus.Mistake,
                TimeoutException => AnswerStatus.TooLate,
                _ => AnswerStatus.Failed,
            };
            WriteRefusal(frame, call.AskedAs, status, failure.Message);
            return;
        }

        int count = call.Operation switch
        {
            ShardOperation.Search => call.Found,
            ShardOperation.Sum => call.Context.Length,
            ShardOperation.Find => call.N,
            _ => call.Ids.Length,
        };
        frame.Begin();
        frame.Add(call.AskedAs);
        frame.Add((int)AnswerStatus.Answered);
        frame.Add(count);
        switch (call.Operation)
        {
            case ShardOperation.Search:
                frame.Add((ReadOnlySpan<int>)call.FoundItems[..count]);
                frame.Add((ReadOnlySpan<float>)call.FoundScores[..count]);
                break;
            case ShardOperation.Sum:
                frame.Add((ReadOnlySpan<float>)call.Context);
                break;
            case ShardOperation.Find:
                frame.Add((ReadOnlySpan<int>)call.FoundItems);
                break;
            default:
                foreach (string? id in call.Ids)
                    frame.Add(id);
                break;
        }

        frame.End();
        if (frame.Frame.Length - sizeof(int) > ShardProtocol.MostBytes)
        {
            WriteRefusal(
                frame, call.AskedAs, AnswerStatus.Failed, $"The answer has {frame.Frame.Length} bytes; a frame has up to {ShardProtocol.MostBytes}.");
        }
    }

    /// <summary>Writes why there is no answer.</summary>
    public static void WriteRefusal(FrameWriter frame, long number, AnswerStatus status, string message)
    {
        frame.Begin();
        frame.Add(number);
        frame.Add((int)status);
        frame.Add(message);
        frame.End();
    }

    /// <summary>Reads whose answer a frame is.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static long ReadNumber(ReadOnlySpan<byte> body) => new FrameReader(body, "an answer").Int64("a number");

    /// <summary>Reads an answer into the call that it is to.</summary>
    /// <returns>Items found by a search; the shard's refusal where there is one.</returns>
    /// <exception cref="InvalidDataException">It is no answer to that call.</exception>
    public static (int Found, Exception? Refusal) ReadAnswer(ReadOnlySpan<byte> body, ShardPlace place, ShardCall call)
    {
        FrameReader frame = new(body, "an answer");
        frame.Int64("a number");
        AnswerStatus status = (AnswerStatus)frame.Count(0, (int)AnswerStatus.BadFrame, "a status");
        if (status != AnswerStatus.Answered)
            return (0, RefusalOf(status, frame.Text("a reason") ?? ""));
        int found = 0;
        switch (call.Operation)
        {
            case ShardOperation.Search:
                found = frame.Count(0, call.N, "a number of items");
                frame.Read(call.FoundItems[..found], "items");
                frame.Read(call.FoundScores[..found], "scores");
                CheckItems(ref frame, call.FoundItems[..found], 0, place.Count);
                break;
            case ShardOperation.Sum:
                frame.Count(place.Dimension, place.Dimension, "L numbers");
                frame.Read(call.Context, "a sum");
                break;
            case ShardOperation.Find:
                frame.Count(call.N, call.N, "a number of items");
                frame.Read(call.FoundItems, "items");
                CheckItems(ref frame, call.FoundItems, -1, place.Count);
                break;
            default:
                frame.Count(call.Ids.Length, call.Ids.Length, "a number of ids");
                for (int i = 0; i < call.Ids.Length; i++)
                    call.Ids[i] = frame.Text("an id");
                break;
        }

        frame.End();
        return (found, null);
    }

    /// <summary>Throws where an answer to nobody says that the connection is at its end.</summary>
    /// <exception cref="InvalidDataException">It says that a question could not be read.</exception>
    public static void CheckUnasked(ReadOnlySpan<byte> body)
    {
        FrameReader frame = new(body, "an answer");
        frame.Int64("a number");
        AnswerStatus status = (AnswerStatus)frame.Count(0, (int)AnswerStatus.BadFrame, "a status");
        if (status == AnswerStatus.BadFrame)
            throw RefusalOf(status, frame.Text("a reason") ?? "");
    }

    /// <summary>Throws the server's reason where it refuses in place of a greeting, which begins with no number 0.</summary>
    /// <exception cref="InvalidDataException">It refuses.</exception>
    public static void CheckUnrefused(ReadOnlySpan<byte> body)
    {
        const int Head = sizeof(long) + sizeof(int);
        if (body.Length > Head && BinaryPrimitives.ReadInt64LittleEndian(body) == 0)
            CheckUnasked(body);
    }

    /// <summary>A refusal as what it was on the other side.</summary>
    private static Exception RefusalOf(AnswerStatus status, string message) => status switch
    {
        AnswerStatus.Mistake => new ArgumentException(message),
        AnswerStatus.TooLate => new TimeoutException(message),
        AnswerStatus.BadFrame => new InvalidDataException(message),
        _ => new IOException($"The shard cannot answer: {message}"),
    };

    /// <summary>Whether an item may have such an id.</summary>
    private static bool IsPossible(string id) =>
        id.Length <= ItemIdTable.LongestId && Encoding.UTF8.GetByteCount(id) <= ItemIdTable.LongestId;

    private static void CheckItems(ref FrameReader frame, ReadOnlySpan<int> items, int least, int count)
    {
        foreach (int item in items)
        {
            if (item < least || item >= count)
                throw frame.Fault($"items of {least} to {count - 1} expected, found {item}");
        }
    }
}
