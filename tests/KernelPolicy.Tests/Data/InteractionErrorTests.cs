using KernelPolicy.Data;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

/// <summary>Bad files and bad options: the message must say which file, where, and what was expected.</summary>
[TestFixture]
public sealed class InteractionErrorTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void A_short_row_is_named_by_its_line()
    {
        string file = _folder.Write("a.csv", "user,item,rating", "1,2,3", "1,5", "7,8,9");
        Fails<InvalidDataException>([file], null, "a.csv, line 3", "1,5", "Expected Number of Columns: 3 Found: 2");
    }

    [Test]
    public void A_long_row_is_named_by_its_line() =>
        Fails<InvalidDataException>([_folder.Write("a.csv", "user,item", "1,2", "1,5,6")], null, "a.csv, line 3", "Found: 3");

    [TestCase("1,")]
    [TestCase("1,\"\"")]
    [TestCase("1,  ")]
    public void An_empty_id_is_named_by_its_row(string row) =>
        Fails<InvalidDataException>([_folder.Write("a.csv", "user,item", "1,2", row)], null, "a.csv, row 2 of data", "item is empty");

    [Test]
    public void An_unknown_column_lists_those_there_are() =>
        Fails<ArgumentException>(
            [_folder.Write("a.csv", "user,item", "1,2")], new() { ItemColumn = "movie" }, "\"movie\"", "\"user\", \"item\"");

    [Test]
    public void A_column_number_beyond_the_last_is_unknown() =>
        Fails<ArgumentException>(
            [_folder.Write("a.csv", "1,2,3")], new() { UserColumn = "0", ItemColumn = "3" }, "\"3\"", "columns 0 to 2");

    [Test]
    public void Several_columns_without_a_header_must_be_chosen() =>
        Fails<ArgumentException>([_folder.Write("a.csv", "1,2,3")], null, "which column", "user");

    [Test]
    public void Two_candidates_are_not_guessed_at() =>
        Fails<ArgumentException>([_folder.Write("a.csv", "user_id,item_id,movie_id", "1,2,3")], null, "more than one", "item");

    [Test]
    public void One_column_for_both_is_refused() =>
        Fails<ArgumentException>(
            [_folder.Write("a.csv", "user,item", "1,2")], new() { UserColumn = "1", ItemColumn = "1" }, "column 1");

    [Test]
    public void A_header_that_cannot_be_told_asks() =>
        Fails<ArgumentException>([_folder.Write("a.csv", "anna,apple", "ben,pear")], null, "cannot tell", "header");

    [Test]
    public void An_unknown_extension_asks_for_the_format() =>
        Fails<ArgumentException>([_folder.Write("a.txt", "1 2")], null, ".txt", "sessions");

    [Test]
    public void A_wrong_delimiter_shows_at_the_first_line() =>
        Fails<InvalidDataException>([_folder.Write("a.tsv", "user,item", "1,2")], null, "a.tsv, line 1", "\\t");

    [Test]
    public void An_inter_file_needs_its_header() =>
        Fails<InvalidDataException>([_folder.Write("a.inter", "1\t2", "1\t3")], null, "a.inter, line 1", "user_id:token");

    [Test]
    public void No_file_and_a_missing_file()
    {
        Fails<ArgumentException>([], null, "No file");
        Fails<FileNotFoundException>([Path.Combine(_folder.Folder, "none.csv")], null, "none.csv");
    }

    [Test]
    public void An_empty_file() =>
        Fails<InvalidDataException>([_folder.WriteText("a.csv", "")], null, "a.csv", "empty");

    [Test]
    public void Nothing_left_says_why() =>
        Fails<InvalidDataException>(
            [_folder.Write("a.csv", "user,item", "1,2", "2,2")], null, "No interactions are left", "Rows read: 2", "users with one item: 2");

    [Test]
    public void Broken_gzip() =>
        Fails<InvalidDataException>([_folder.WriteBytes("a.csv.gz", [0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 5, 6, 7])], null, "a.csv.gz");

    [TestCase(InteractionFormat.Csv)]
    [TestCase(InteractionFormat.Sessions)]
    public void Gzip_that_ends_early_is_not_taken_for_whole(InteractionFormat format)
    {
        Random random = new(1);
        string separator = format == InteractionFormat.Csv ? "," : " ";
        string file = _folder.WriteGzip("whole.gz", [.. Enumerable.Range(0, 50_000).Select(i => $"{i % 100}{separator}{random.Next(1000)}")]);
        byte[] whole = File.ReadAllBytes(file);
        Assert.That(InteractionReader.Read([_folder.WriteBytes("twice.gz", [.. whole, .. whole])], new() { Format = format }).Report.RowsRead, Is.GreaterThanOrEqualTo(100_000));
        foreach (int lost in new[] { 1, 5, 9, 20, 1000, 20_000, 40_000 })
        {
            string cut = _folder.WriteBytes("cut.gz", whole[..^lost]);
            Fails<InvalidDataException>([cut], new() { Format = format }, "cut.gz", "ends early");
        }
    }

    [Test]
    public void Broken_parquet() =>
        Fails<InvalidDataException>([_folder.Write("a.parquet", "not parquet at all")], null, "a.parquet");

    [Test]
    public void Text_that_is_not_utf8()
    {
        Fails<InvalidDataException>([_folder.WriteBytes("a.csv", [.. "user,item\n"u8, 0xFF, .. ",1\n"u8])], null, "a.csv", "UTF-8");
        Fails<InvalidDataException>(
            [_folder.WriteBytes("a.txt", [.. "1 2\n3 "u8, 0xFF])], new() { Format = InteractionFormat.Sessions }, "a.txt, line 2", "utf-8");
    }

    [Test]
    public void Options_out_of_range()
    {
        string[] file = [_folder.Write("a.csv", "user,item", "1,2")];
        Fails<ArgumentException>(file, new() { MinUserInteractions = 0 }, "MinUserInteractions");
        Fails<ArgumentException>(file, new() { MinItemInteractions = 0 }, "MinItemInteractions");
        Fails<ArgumentException>(file, new() { FilterColumn = "x" }, "FilterValue");
        Fails<ArgumentException>(file, new() { Delimiter = "" }, "delimiter");
        Fails<ArgumentException>(file, new() { Format = InteractionFormat.Sessions, UserColumn = "0" }, "sessions");
    }

    [Test]
    public void Cancelling_ends_it()
    {
        string file = _folder.Write("a.csv", ["user,item", .. Enumerable.Range(0, 400_000).Select(i => $"{i % 1000},{i}")]);
        using CancellationTokenSource source = new();
        CancelOnReport progress = new(source);
        Assert.That(
            () => InteractionReader.Read([file], null, progress, source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(progress.Last.RowsRead, Is.InRange(1, 399_999));
    }

    private static void Fails<TException>(string[] files, InteractionOptions? options, params string[] parts)
        where TException : Exception
    {
        Exception error = Assert.Throws(Is.InstanceOf<TException>(), () => InteractionReader.Read(files, options))!;
        Assert.Multiple(() =>
        {
            foreach (string part in parts)
                Assert.That(error.Message, Does.Contain(part));
        });
    }

    /// <summary>Reports at once, on the reading thread, which Progress does not.</summary>
    private sealed class CancelOnReport(CancellationTokenSource source) : IProgress<LoadProgress>
    {
        public LoadProgress Last { get; private set; }

        public void Report(LoadProgress value)
        {
            Last = value;
            source.Cancel();
        }
    }
}
