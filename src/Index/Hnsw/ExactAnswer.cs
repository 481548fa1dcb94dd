using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>Turns the candidates of a walk into the answer: exact scores, items in place of nodes, duplicates spread
/// out.</summary>
internal static class ExactAnswer
{
    private const int LeastSlack = 16;

    /// <summary>Beyond the K-th, one candidate more is scored exactly for each so many of K.</summary>
    private const int KOverSlack = 8;

    /// <summary>And one for each so many that the walk kept: whoever looks further wants to miss less.</summary>
    private const int KeptOverSlack = 8;

    /// <summary>The best items, best first (<see cref="ScoredItem"/>): at least K where the candidates stand for as
    /// many.</summary>
    public static Span<ulong> Of(HnswGraph graph, int k, SearchScratch scratch)
    {
        ReadOnlySpan<ulong> found = scratch.Candidates.Entries;
        if (graph.Vectors.Codes is not null)
            found = found[..Math.Min(found.Length, k + Math.Max(Math.Max(k / KOverSlack, found.Length / KeptOverSlack), LeastSlack))];
        Span<ulong> answer = OfNodes(graph, found, scratch);
        return graph.Duplicates.Count > 0 ? Spread(graph.Duplicates, answer.Length, k, scratch) : answer;
    }

    /// <summary>The same for the allowed nodes that a walk collected. All of them are scored exactly: where what is best may
    /// not be found, scores lie closer together than the codes tell apart.</summary>
    public static Span<ulong> Of(HnswGraph graph, int k, in AllowedItems allowed, SearchScratch scratch)
    {
        Span<ulong> answer = OfNodes(graph, scratch.Allowed.Entries, scratch);
        return graph.Duplicates.Count > 0 ? Spread(graph.Duplicates, answer.Length, k, allowed, scratch) : answer;
    }

    private static Span<ulong> OfNodes(HnswGraph graph, ReadOnlySpan<ulong> found, SearchScratch scratch)
    {
        scratch.EnsureAnswer(found.Length);
        Span<ulong> answer = scratch.Answer.AsSpan(0, found.Length);
        if (graph.Vectors.Codes is null)
            Translate(graph.Vectors, found, answer);
        else
            ScoreAgain(graph.Vectors, found, scratch, answer);
        SortNearlySorted(answer);
        return answer;
    }

    private static void Translate(NodeVectors vectors, ReadOnlySpan<ulong> found, Span<ulong> answer)
    {
        for (int i = 0; i < found.Length; i++)
            answer[i] = ScoredItem.Key(Candidate.Score(found[i]), vectors.ItemOf[Candidate.Node(found[i])]);
    }

    private static unsafe void ScoreAgain(NodeVectors vectors, ReadOnlySpan<ulong> found, SearchScratch scratch, Span<ulong> answer)
    {
        int atOnce = scratch.Block.Length;
        for (int first = 0; first < found.Length; first += atOnce)
        {
            int n = Math.Min(atOnce, found.Length - first);
            Span<int> items = scratch.Block.AsSpan(0, n);
            Span<float> scores = scratch.Scores.AsSpan(0, n);
            for (int i = 0; i < n; i++)
                items[i] = vectors.ItemOf[Candidate.Node(found[first + i])];
            scratch.ItemScorer.Gather(scratch.Query.Values, items, scores);
            for (int i = 0; i < n; i++)
                answer[first + i] = ScoredItem.Key(scores[i], items[i]);
        }
    }

    /// <summary>Sorts, largest first, what codes have nearly sorted: by insertion, unless that takes too long.</summary>
    private static void SortNearlySorted(Span<ulong> keys)
    {
        long moves = 16L * keys.Length;
        for (int i = 1; i < keys.Length; i++)
        {
            ulong key = keys[i];
            int j = i - 1;
            for (; j >= 0 && keys[j] < key; j--)
                keys[j + 1] = keys[j];
            keys[j + 1] = key;
            moves -= i - j;
            if (moves > 0)
                continue;
            keys.Sort();
            keys.Reverse();
            return;
        }
    }

    /// <summary>Adds to the items found those that share their vectors.</summary>
    private static Span<ulong> Spread(DuplicateChains duplicates, int found, int k, SearchScratch scratch)
    {
        // Chains go from small items to large: spread to the end of the buffer's first part, then sort.
        int count = found;
        float last = 0;
        int total = 0;
        for (int i = 0; i < found; i++)
        {
            // Beyond K only ties matter: a later group may hold smaller items than the duplicates of an earlier one.
            float score = ScoredItem.Score(scratch.Answer[i]);
            if (total >= k && score != last)
                break;
            last = score;
            total++;
            int taken = 1;
            for (int item = duplicates.Next(ScoredItem.Item(scratch.Answer[i])); item >= 0 && taken < k; item = duplicates.Next(item))
            {
                scratch.EnsureAnswer(count + 1);
                scratch.Answer[count++] = ScoredItem.Key(score, item);
                taken++;
                total++;
            }
        }

        Span<ulong> all = scratch.Answer.AsSpan(0, count);
        if (count > found)
        {
            all.Sort();
            all.Reverse();
        }

        return all;
    }

    /// <summary>Puts the allowed items of each vector found in place of the first that has it.</summary>
    private static Span<ulong> Spread(
        DuplicateChains duplicates, int found, int k, in AllowedItems allowed, SearchScratch scratch)
    {
        // Written behind what is read, since the item that stands for a vector need not be allowed itself.
        int count = found;
        float last = 0;
        for (int i = 0; i < found; i++)
        {
            float score = ScoredItem.Score(scratch.Answer[i]);
            if (count - found >= k && score != last)
                break;
            last = score;
            int taken = 0;
            for (int item = ScoredItem.Item(scratch.Answer[i]); item >= 0 && taken < k; item = duplicates.Next(item))
            {
                if (!allowed.Allows(item))
                    continue;
                scratch.EnsureAnswer(count + 1);
                scratch.Answer[count++] = ScoredItem.Key(score, item);
                taken++;
            }
        }

        Span<ulong> all = scratch.Answer.AsSpan(found, count - found);
        all.Sort();
        all.Reverse();
        return all;
    }
}
