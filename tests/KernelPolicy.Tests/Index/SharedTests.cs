using KernelPolicy.Index;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>What is shared is freed once, when it is closed and nobody uses it.</summary>
public sealed class SharedTests
{
    [Test]
    public void Unused_it_is_freed_as_it_is_closed()
    {
        Thing thing = new();
        Assert.That(thing.TryUse(out SharedUse use), Is.True);
        use.Dispose();
        Assert.That(thing.Freed, Is.Zero);
        thing.Close();
        Assert.That(thing.Freed, Is.EqualTo(1));
        Assert.That(thing.TryUse(out _), Is.False);
    }

    [Test]
    public void Used_it_is_freed_by_the_last_who_leaves_and_until_then_others_may_come()
    {
        Thing thing = new();
        thing.TryUse(out SharedUse first);
        thing.TryUse(out SharedUse second);
        thing.Close();
        first.Dispose();
        Assert.That(thing.Freed, Is.Zero);
        Assert.That(thing.TryUse(out SharedUse late), Is.True, "as whoever holds a lease goes on asking");
        second.Dispose();
        Assert.That(thing.Freed, Is.Zero);
        late.Dispose();
        Assert.That(thing.Freed, Is.EqualTo(1));
        Assert.That(thing.TryUse(out _), Is.False);
    }

    /// <summary>Readers take uses of whatever is current, several within one another, while a writer replaces and closes it: none that
    /// is used is freed, and in the end each is freed once. Threads change processors, so that a use may end in another's line.</summary>
    [Test]
    public void No_reader_ever_sees_it_freed()
    {
        const int Readers = 6;
        List<Thing> all = [new()];
        Thing current = all[0];
        bool ends = false;
        long uses = 0;
        int faults = 0;
        Thread[] readers = [.. Enumerable.Range(0, Readers).Select(_ => new Thread(Read))];
        foreach (Thread reader in readers)
            reader.Start();
        for (int i = 0; i < 2000 || Interlocked.Read(ref uses) < 100_000; i++)
        {
            Thing next = new();
            all.Add(next);
            Interlocked.Exchange(ref current, next).Close();
            Thread.Yield();
        }

        Volatile.Write(ref ends, true);
        foreach (Thread reader in readers)
            reader.Join();
        Assert.That(faults, Is.Zero);
        Assert.That(all.SkipLast(1).Select(thing => thing.Freed), Has.All.EqualTo(1));
        Assert.That(all[^1].Freed, Is.Zero);

        void Read()
        {
            while (!Volatile.Read(ref ends))
            {
                Thing thing = Volatile.Read(ref current);
                if (!thing.TryUse(out SharedUse use))
                    continue;
                if (Interlocked.Increment(ref uses) % 64 == 0)
                    Thread.Yield();
                bool nested = thing.TryUse(out SharedUse inner);
                if (!nested || thing.Freed != 0)
                    Interlocked.Increment(ref faults);
                if (nested)
                    inner.Dispose();
                if (thing.Freed != 0)
                    Interlocked.Increment(ref faults);
                use.Dispose();
            }
        }
    }

    private sealed class Thing : Shared
    {
        private int _freed;

        public int Freed => Volatile.Read(ref _freed);

        protected override void Free() => Interlocked.Increment(ref _freed);
    }
}
