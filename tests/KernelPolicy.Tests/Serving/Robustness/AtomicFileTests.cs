using System.Text;
using KernelPolicy.Files;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>Files come whole or not at all, whoever else writes or reads them, and what killed writers left goes.</summary>
public sealed class AtomicFileTests
{
    private string _folder = null!;
    private string _path = null!;

    [SetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("kernelpolicy-atomic-").FullName;
        _path = Path.Combine(_folder, "model.kpolicy");
    }

    [TearDown]
    public void Remove() => Directory.Delete(_folder, true);

    [Test]
    public void Two_threads_write_to_one_path_and_a_reader_sees_whole_files()
    {
        const int WritesEach = 100;
        byte[] one = [.. Enumerable.Repeat((byte)1, 300_000)], two = [.. Enumerable.Repeat((byte)2, 200_000)];
        AtomicFile.Write(_path, stream => stream.Write(one));
        int ended = 0, reads = 0;
        Parallel.Invoke(() => WriteAll(one), () => WriteAll(two), ReadAll);
        Assert.That(reads, Is.Positive);
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { _path }));

        void WriteAll(byte[] content)
        {
            try
            {
                for (int i = 0; i < WritesEach; i++)
                    AtomicFile.Write(_path, stream => WriteInPieces(stream, content));
            }
            finally
            {
                Interlocked.Increment(ref ended);
            }
        }

        void ReadAll()
        {
            do
            {
                byte[] read = File.ReadAllBytes(_path);
                Assert.That(read.Length == (read[0] == 1 ? one.Length : two.Length) && !read.AsSpan().ContainsAnyExcept(read[0]), Is.True);
                reads++;
            }
            while (Volatile.Read(ref ended) < 2);
        }
    }

    [Test]
    public void Files_that_killed_writers_left_are_removed_and_no_others()
    {
        string[] left = [$"{_path}.0123456789abcdef.tmp", $"{_path}.ffffffffffffffff.tmp"];
        string[] others =
        [
            $"{_path}.2024.tmp", $"{_path}.0123456789ABCDEF.tmp", $"{_path}.0123456789abcdef.bak", $"{_path}x0123456789abcdef.tmp",
            Path.Combine(_folder, "other.kpolicy.0123456789abcdef.tmp"), Path.Combine(_folder, "0123456789abcdef.tmp"),
        ];
        foreach (string file in (string[])[.. left, .. others])
            File.WriteAllText(file, "left");
        AtomicFile.Write(_path, stream => stream.WriteByte(1));
        Assert.That(Directory.GetFiles(_folder), Is.EquivalentTo((string[])[_path, .. others]));
    }

    /// <summary>Here by a writer within this process; that locks end with a process is what InterruptedSaveTests show.</summary>
    [Test]
    public void A_file_that_is_being_written_is_not_taken_for_one_that_was_left()
    {
        AtomicFile.Write(_path, slow =>
        {
            slow.WriteByte(1);
            slow.Flush();
            for (int i = 0; i < 3; i++)
                AtomicFile.Write(_path, quick => quick.WriteByte(2));
            Assert.That(File.ReadAllBytes(_path), Is.EqualTo(new byte[] { 2 }));
            slow.WriteByte(3);
        });
        Assert.That(File.ReadAllBytes(_path), Is.EqualTo(new byte[] { 1, 3 }));
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { _path }));
    }

    /// <summary>Names that a pattern would take for wildcards, and that mean something to shells.</summary>
    [TestCase("a*b")]
    [TestCase("a?b[1] $(x) ;")]
    [TestCase("ünïcode é")]
    public void Names_are_names(string name)
    {
        if (OperatingSystem.IsWindows() && name.Contains('*', StringComparison.Ordinal))
            Assert.Ignore("Windows has no such names.");
        string path = Path.Combine(_folder, name), other = Path.Combine(_folder, "aXb.0123456789abcdef.tmp");
        File.WriteAllText(other, "another's");
        File.WriteAllText($"{path}.0123456789abcdef.tmp", "left");
        AtomicFile.Write(path, stream => stream.WriteByte(1));
        Assert.That(Directory.GetFiles(_folder), Is.EquivalentTo(new[] { path, other }));
    }

    [Test]
    public void A_write_that_fails_anywhere_leaves_the_old_file_and_tells_what_failed_first()
    {
        byte[] old = Encoding.UTF8.GetBytes("old");
        File.WriteAllBytes(_path, old);
        foreach (int bytes in (int[])[0, 1, 65_535, 65_536, 65_537, 1_000_000])
        {
            var failure = Assert.Throws<IOException>(() => AtomicFile.Write(_path, stream =>
            {
                stream.Write(new byte[bytes]);
                throw new IOException($"failed after {bytes}");
            }));
            Assert.That(failure!.Message, Is.EqualTo($"failed after {bytes}"));
            Assert.That(File.ReadAllBytes(_path), Is.EqualTo(old));
            Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { _path }));
        }
    }

    [Test]
    public void What_is_no_file_is_refused_before_it_is_written()
    {
        Assert.That(() => AtomicFile.Write(_folder + Path.DirectorySeparatorChar, Never), Throws.ArgumentException.With.Message.Contains("names no file"));
        Assert.That(() => AtomicFile.Write(Path.GetPathRoot(_folder)!, Never), Throws.ArgumentException.With.Message.Contains("names no file"));
        Assert.That(() => AtomicFile.Write(_folder, Never), Throws.InstanceOf<IOException>().With.Message.Contains("it is a folder"));
        Assert.That(() => AtomicFile.Write("", Never), Throws.ArgumentException);
        Assert.That(() => AtomicFile.Write("a\0b", Never), Throws.ArgumentException);
        Assert.That(() => AtomicFile.Write(Path.Combine(_folder, new string('x', 300)), Never), Throws.InstanceOf<IOException>());
        File.WriteAllText(_path, "a file");
        Assert.That(() => AtomicFile.Write(Path.Combine(_path, "within"), Never), Throws.InstanceOf<IOException>());
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { _path }));

        static void Never(FileStream stream) => Assert.Fail("Something was written.");
    }

    [Test]
    public void Folders_are_flushed_where_the_system_has_that()
    {
        bool can = !OperatingSystem.IsWindows();
        Assert.That(FolderFlush.Run(_folder), Is.EqualTo(can));
        Assert.That(FolderFlush.Run(Directory.CreateDirectory(Path.Combine(_folder, "ünïcode é")).FullName), Is.EqualTo(can));
        Assert.That(FolderFlush.Run(Path.Combine(_folder, "absent")), Is.False);
    }

    private static void WriteInPieces(FileStream stream, byte[] content)
    {
        for (int at = 0; at < content.Length; at += 1 << 16)
            stream.Write(content.AsSpan(at, Math.Min(1 << 16, content.Length - at)));
    }
}
