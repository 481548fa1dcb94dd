using KernelPolicy.Data;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

internal sealed class GenerateTests
{
    [TestCase("log.csv")]
    [TestCase("log.tsv")]
    [TestCase("log.inter")]
    [TestCase("log.csv.gz")]
    [TestCase("log.inter.gz")]
    public void What_is_written_is_read_back(string name)
    {
        using TestFolder folder = new();
        Interactions drawn = SyntheticInteractions.Generate(new SyntheticOptions { Items = 120, Users = 150, Clusters = 6 }).Interactions;
        Interactions read = InteractionReader.Read([folder.Log(name)]);
        Assert.Multiple(() =>
        {
            Assert.That(read.UserIds, Is.EqualTo(drawn.UserIds));
            Assert.That(read.Count, Is.EqualTo(drawn.Count));
            for (int user = 0; user < read.UserCount; user++)
            {
                Assert.That(
                    read.UserItems[user].ToArray().Select(item => read.ItemIds[item]),
                    Is.EqualTo(drawn.UserItems[user].ToArray().Select(item => drawn.ItemIds[item])));
            }
        });
    }

    [Test]
    public void Sessions_are_written_one_a_line()
    {
        using TestFolder folder = new();
        Assert.That(InteractionReader.Read([folder.Log("log.sessions")]).UserCount, Is.EqualTo(150));
    }
}
