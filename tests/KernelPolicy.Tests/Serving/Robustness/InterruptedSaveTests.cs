using System.ComponentModel;
using System.Diagnostics;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>A save that is killed, or whose disk is full, leaves the old file or the new one, whole.</summary>
/// <remarks>The victims are processes, each of which takes a third of a second of a processor to start: hence more than five
/// seconds for all.</remarks>
public sealed class InterruptedSaveTests
{
    private const int Kills = 25;
    private const int AtOnce = 5;
    private const int FailedToSave = 3;

    private VictimCase _case = null!;

    [OneTimeSetUp]
    public void Make() => _case = new VictimCase();

    [OneTimeTearDown]
    public void Remove() => _case.Dispose();

    [Test]
    public void A_save_killed_at_any_moment_leaves_a_whole_file_and_the_next_save_cleans_up()
    {
        Random random = new(11);
        int killedWhileWriting = 0, foundNew = 0;
        for (int done = 0; done < Kills; done += AtOnce)
        {
            string[] targets = [.. Enumerable.Range(done, AtOnce).Select(number => _case.NewTarget($"killed-{number}"))];
            KillAll([.. targets.Select(target => _case.Start("loop", target))], random);
            foreach (string target in targets)
            {
                ServingBundle.Open(target).Dispose();
                byte[] left = File.ReadAllBytes(target);
                bool isNew = left.AsSpan().SequenceEqual(_case.B);
                Assert.That(isNew || left.AsSpan().SequenceEqual(_case.A), Is.True, "neither the old file nor the new");
                foundNew += isNew ? 1 : 0;
                killedWhileWriting += VictimCase.FilesBeside(target).Length;
                _case.SaveB(target);
                Assert.That(VictimCase.FilesBeside(target), Is.Empty);
                Assert.That(File.ReadAllBytes(target).AsSpan().SequenceEqual(_case.B), Is.True);
            }
        }

        TestContext.Out.WriteLine($"{killedWhileWriting} of {Kills} killed while they wrote; {foundNew} left the second of the two files");

        // About half of the time a victim's file is there under its temporary name. Were none caught at it, nothing would be shown.
        Assert.That(killedWhileWriting, Is.Positive);
    }

    /// <summary>A limit to the size of files, as file systems have one; any user may set it for a process.</summary>
    [TestCase(1)]
    [TestCase(100)]
    [TestCase(400)]
    public void A_file_that_grows_too_large_leaves_the_old_one_and_nothing_beside_it(int blocks)
    {
        if (!File.Exists("/bin/sh"))
            Assert.Ignore("There is no shell here to limit the size of files.");
        string target = _case.NewTarget($"large-{blocks}");

        // A block is 512 bytes or 1024, by the shell. The signal that comes with it would end the process.
        Assert.That(_case.B.Length, Is.GreaterThan(1024 * blocks), "so that the limit is met midway");
        using Process victim = _case.Start("once", target, "/bin/sh", "-c", $"trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"", "sh");
        (int code, _, string error) = End(victim);
        Assert.That(code, Is.EqualTo(FailedToSave), error);
        Assert.That(error, Does.StartWith("IOException: ").And.Contain(target).And.Contain("allows no file so large"));
        Assert.That(File.ReadAllBytes(target).AsSpan().SequenceEqual(_case.A), Is.True);
        Assert.That(VictimCase.FilesBeside(target), Is.Empty);
    }

    /// <summary>A disk of a megabyte, in memory, which only the victim sees: it holds the old file, but not both.</summary>
    [Test]
    public void A_full_disk_leaves_the_old_file_and_nothing_beside_it()
    {
        const string Script = """
            mount -t tmpfs -o size=1m tmpfs "$1" && cp "$2" "$1/model.kpolicy" || exit 77
            echo mounted
            folder=$1; old=$2
            shift 2
            "$@"
            echo "code $?"
            cmp -s "$old" "$folder/model.kpolicy" && echo unchanged
            ls -A "$folder"
            """;
        string target = _case.NewTarget("disk");
        string error, output;
        try
        {
            using Process victim = _case.Start(
                "once", target, "unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c", Script, "sh", Path.GetDirectoryName(target)!, _case.FileOfA);
            (_, output, error) = End(victim);
        }
        catch (Win32Exception e)
        {
            Assert.Ignore($"No disk of its own can be made for a process here: {e.Message}");
            return;
        }

        if (!output.StartsWith("mounted", StringComparison.Ordinal))
            Assert.Ignore($"No disk of its own can be made for a process here: {error.Trim()}");
        Assert.That(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(new[] { "mounted", $"code {FailedToSave}", "unchanged", "model.kpolicy" }));
        Assert.That(error, Does.StartWith("IOException: ").And.Contain(target).And.Contain("No space left"));
    }

    private static void KillAll(Process[] victims, Random random)
    {
        try
        {
            foreach (Process victim in victims)
                Assert.That(victim.StandardOutput.ReadLine(), Is.EqualTo("saving"));
            foreach (Process victim in victims)
            {
                Thread.Sleep(random.Next(25));
                victim.Kill();
            }
        }
        finally
        {
            foreach (Process victim in victims)
            {
                victim.Kill();
                victim.WaitForExit();
                victim.Dispose();
            }
        }
    }

    private static (int Code, string Output, string Error) End(Process victim)
    {
        // Of both streams too little is written to fill a pipe.
        string output = victim.StandardOutput.ReadToEnd(), error = victim.StandardError.ReadToEnd();
        victim.WaitForExit();
        TestContext.Out.WriteLine(error.TrimEnd());
        return (victim.ExitCode, output, error);
    }
}
