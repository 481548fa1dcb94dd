using KernelPolicy.Data;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

/// <summary>What is left out, and that all of it is counted.</summary>
[TestFixture]
public sealed class InteractionFilterTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Repeats_collapse_and_users_with_one_item_go()
    {
        LoadReport report = Read(new(), ["1: 1 2"], "1,1", "1,2", "1,2", "1,1", "2,1", "2,1", "3,9");
        Assert.Multiple(() =>
        {
            Assert.That(report.DuplicateRows, Is.EqualTo(3));
            Assert.That(report.UsersWithOneItem, Is.EqualTo(2));
            Assert.That(report.UsersBelowMinimum, Is.Zero);
            Assert.That(report.ItemsWithoutUsers, Is.EqualTo(1));
            Assert.That(report.InteractionsDropped, Is.EqualTo(2));
        });
    }

    [Test]
    public void Limits_are_applied_until_both_hold()
    {
        // Item 9 has one user and goes; that leaves user 3 with one item, who goes; that leaves item 4 with one user.
        string[] rows = ["1,1", "1,2", "1,4", "2,1", "2,2", "3,4", "3,9"];
        LoadReport report = Read(new() { MinUserInteractions = 2, MinItemInteractions = 2 }, ["1: 1 2", "2: 1 2"], rows);
        Assert.Multiple(() =>
        {
            Assert.That(report.UsersBelowMinimum, Is.EqualTo(1));
            Assert.That(report.ItemsBelowMinimum, Is.EqualTo(2));
            Assert.That(report.FilterRounds, Is.EqualTo(3));
        });
    }

    [Test]
    public void A_user_who_loses_all_items_is_counted_apart()
    {
        LoadReport report = Read(
            new() { MinItemInteractions = 2 }, ["1: 1 2", "2: 1 2"], "1,1", "1,2", "2,1", "2,2", "3,7", "3,8");
        Assert.That(report.UsersWithoutItems, Is.EqualTo(1));
    }

    [Test]
    public void Random_logs_satisfy_the_limits_and_the_report_adds_up([Range(1, 5)] int seed)
    {
        Random random = new(seed);
        var rows = new HashSet<(int User, int Item)>();
        string[] lines = new string[3000];
        for (int i = 0; i < lines.Length; i++)
        {
            (int User, int Item) row = (Skewed(random, 200), Skewed(random, 300));
            rows.Add(row);
            lines[i] = $"{row.User},{row.Item}";
        }

        Interactions data = InteractionReader.Read(
            [_folder.Write("a.csv", ["user,item", .. lines])], new() { MinUserInteractions = 7, MinItemInteractions = 6 });
        Assert.That(InteractionText.Lines(data), Is.EqualTo(Core(rows, 7, 6)));
        LoadReport r = data.Report;
        Assert.Multiple(() =>
        {
            Assert.That(r.RowsRead, Is.EqualTo(r.RowsFilteredOut + r.DuplicateRows + r.InteractionsDropped + r.Interactions));
            Assert.That(r.UsersRead, Is.EqualTo(r.UsersBelowMinimum + r.UsersWithOneItem + r.UsersWithoutItems + r.Users));
            Assert.That(r.ItemsRead, Is.EqualTo(r.ItemsBelowMinimum + r.ItemsWithoutUsers + r.Items));
        });
    }

    private static int Skewed(Random random, int bound) => (int)(bound * Math.Pow(random.NextDouble(), 2));

    /// <summary>The same by the plainest means: drop one offender at a time.</summary>
    private static string[] Core(HashSet<(int User, int Item)> rows, int minUser, int minItem)
    {
        while (true)
        {
            ILookup<int, int> byUser = rows.ToLookup(r => r.User, r => r.Item);
            ILookup<int, int> byItem = rows.ToLookup(r => r.Item, r => r.User);
            if (byItem.FirstOrDefault(g => g.Count() < minItem) is { } item)
                rows.RemoveWhere(r => r.Item == item.Key);
            else if (byUser.FirstOrDefault(g => g.Count() < minUser) is { } user)
                rows.RemoveWhere(r => r.User == user.Key);
            else
                return [.. byUser.OrderBy(g => g.Key).Select(g => $"{g.Key}: {string.Join(' ', g.Order())}")];
        }
    }

    private LoadReport Read(InteractionOptions options, string[] expected, params string[] rows)
    {
        Interactions data = InteractionReader.Read([_folder.Write("a.csv", ["user,item", .. rows])], options);
        Assert.That(InteractionText.Lines(data), Is.EqualTo(expected));
        return data.Report;
    }
}
