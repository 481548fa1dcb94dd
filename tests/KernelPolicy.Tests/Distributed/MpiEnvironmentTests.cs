using KernelPolicy.Distributed;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>What a process learns of its ranks, and from what is installed.</summary>
[NonParallelizable]
public class MpiEnvironmentTests
{
    private static readonly string[] Variables = ["OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"];

    private string?[] _before = [];

    [SetUp]
    public void Keep() => _before = [.. Variables.Select(Environment.GetEnvironmentVariable)];

    [TearDown]
    public void Restore() => Set(_before);

    [Test]
    public void A_process_without_mpirun_is_alone()
    {
        Set([null, null, null]);
        Assert.That((MpiEnvironment.Rank, MpiEnvironment.Ranks, MpiEnvironment.RanksHere), Is.EqualTo((0, 1, 1)));
        Assert.That(MpiEnvironment.ThreadsOfARank, Is.EqualTo(Environment.ProcessorCount));
    }

    [Test]
    public void Ranks_are_those_that_mpirun_names()
    {
        Set(["12", "7", "3"]);
        Assert.That((MpiEnvironment.Rank, MpiEnvironment.Ranks, MpiEnvironment.RanksHere), Is.EqualTo((7, 12, 3)));
    }

    [TestCase("")]
    [TestCase("-1")]
    [TestCase("two")]
    [TestCase("99999999999")]
    public void What_is_no_number_counts_as_not_there(string value)
    {
        Set([value, value, value]);
        Assert.That((MpiEnvironment.Rank, MpiEnvironment.Ranks, MpiEnvironment.RanksHere), Is.EqualTo((0, 1, 1)));
    }

    [Test]
    public void More_ranks_than_processors_have_a_thread_each()
    {
        Set(["100000", "0", "100000"]);
        Assert.That(MpiEnvironment.ThreadsOfARank, Is.EqualTo(1));
    }

    [Test]
    public void Without_the_library_the_message_says_what_to_install()
    {
        MpiUnavailableException? e = Assert.Throws<MpiUnavailableException>(() => MpiLibrary.Start(["libmpi-of-nobody.so.40", "libmpi-of-nobody.so"]));
        Assert.That(
            e!.Message,
            Does.Contain("libmpi-of-nobody.so.40, libmpi-of-nobody.so").And.Contain("apt install openmpi-bin").And.Contain("mpirun -n RANKS"));
    }

    [Test]
    public void A_library_that_is_not_Open_MPI_is_refused_before_it_starts()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("It takes a library that is there for certain, and is not MPI.");
        MpiUnavailableException? e = Assert.Throws<MpiUnavailableException>(() => MpiLibrary.Start(["libmpi-of-nobody.so", "libc.so.6"]));
        Assert.That(e!.Message, Does.Contain("ompi_mpi_comm_world").And.Contain("not Open MPI").And.Contain("apt install openmpi-bin"));
    }

    private static void Set(string?[] values)
    {
        for (int i = 0; i < Variables.Length; i++)
            Environment.SetEnvironmentVariable(Variables[i], values[i]);
    }
}
