using DuckDB.NET.Data;
using KernelPolicy.Data;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

/// <summary>A few lines in each format that users download.</summary>
[TestFixture]
public sealed class InteractionFormatTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Inter_files_are_put_together()
    {
        string train = _folder.WriteGzip("a.train.inter.gz", "user_id:token\titem_id:token", "0\t5", "0\t10", "1\t5");
        string test = _folder.Write("a.test.inter", "item_id:token\tuser_id:token", "7\t1");
        Check([train, test], null, "0: 5 10", "1: 5 7");
    }

    [Test]
    public void MovieLens_ratings_need_no_options()
    {
        string[] lines = ["userId,movieId,rating,timestamp", "2,1,4.0,964982703", "2,193609,4.0,964981247", "10,3,1.5,1", "10,1,5.0,2"];
        Check([_folder.Write("ratings.csv", lines)], null, "2: 1 193609", "10: 1 3");
        Check([_folder.WriteGzip("ratings.csv.gz", lines)], null, "2: 1 193609", "10: 1 3");
    }

    [Test]
    public void Twitch_has_no_header_and_columns_by_number()
    {
        string file = _folder.Write("full_a.csv", "1,33842865744,mithrain,154,156", "1,33846768288,alptv,166,169", "2,33886469056,mithrain,587,588", "2,33887624992,wtcn,589,591");
        Check([file], new() { UserColumn = "0", ItemColumn = "2" }, "1: alptv mithrain", "2: mithrain wtcn");
    }

    [Test]
    public void GoodReads_keeps_what_was_read()
    {
        string file = _folder.Write("goodreads_interactions.csv", "user_id,book_id,is_read,rating,is_reviewed", "0,948,1,5,0", "0,947,1,5,1", "0,946,0,0,0", "1,948,0,0,0");
        Interactions data = Check([file], new() { FilterColumn = "is_read", FilterValue = "1" }, "0: 947 948");
        Assert.Multiple(() =>
        {
            Assert.That(data.Report.RowsRead, Is.EqualTo(4));
            Assert.That(data.Report.RowsFilteredOut, Is.EqualTo(2));
        });
    }

    [Test]
    public void Tsv_space_and_other_delimiters()
    {
        Check([_folder.Write("a.tsv", "u\ti", "1\t\"x\ty\"", "1\tz")], new() { UserColumn = "u", ItemColumn = "i" }, "1: x\ty z");
        Check([_folder.Write("a.txt", "1 2", "1 3")], new() { Format = InteractionFormat.Space }, "1: 2 3");
        Check(
            [_folder.Write("ratings.dat", "1::1193::5::978300760", "1::661::3::978302109")],
            new() { Format = InteractionFormat.Csv, Delimiter = "::", UserColumn = "0", ItemColumn = "1" },
            "1: 661 1193");
    }

    [Test]
    public void Sessions_count_lines_through_all_files()
    {
        string train = _folder.WriteGzip("train.txt.gz", "3 1 3", "", "2 4");
        string test = _folder.Write("test.txt", "5  2 ");
        Interactions data = Check([train, test], new() { Format = InteractionFormat.Sessions }, "1: 1 3", "3: 2 4", "4: 2 5");
        Assert.That(data.Report.DuplicateRows, Is.EqualTo(1));
    }

    [Test]
    public void Sessions_with_carriage_returns_and_quotes()
    {
        string file = _folder.WriteText("s.txt", "\"a 'b\r\n\r\n  c\td # e\r\nf g");
        Check([file], new() { Format = InteractionFormat.Sessions }, "1: \"a 'b", "3: # c d e", "4: f g");
    }

    [TestCase("1", "0", TestName = "Parquet columns by number")]
    [TestCase("user", "the item", TestName = "Parquet columns by name")]
    public void Parquet_columns(string user, string item)
    {
        string file = WriteParquet("SELECT * FROM (VALUES (20, 'u1', 1), (3, 'u1', 1), (3, 'u2', 0), (20, 'u2', 1), (4, 'u2', 1)) t(\"the item\", \"user\", ok)");
        Check([file], new() { UserColumn = user, ItemColumn = item, FilterColumn = "ok", FilterValue = "1" }, "u1: 3 20", "u2: 4 20");
    }

    [Test]
    public void Quotes_line_ends_and_byte_order_marks()
    {
        string file = _folder.WriteText("a.csv", "\uFEFFuser_id,\"item,id\"\r\n\"u\"\"1\",\"a,b\"\r\n\r\n\"u\"\"1\",c");
        Check([file], new() { ItemColumn = "item,id" }, "u\"1: a,b c");
    }

    [Test]
    public void Ids_stay_text_and_order_by_value_only_where_all_are_integers()
    {
        Check([_folder.Write("a.inter", "user_id:token\titem_id:token", "b\t10", "b\t9", "B\t9", "B\t-3")], null, "B: -3 9", "b: 9 10");
        Check([_folder.Write("b.inter", "user_id:token\titem_id:token", "1\t10", "1\t9", "1\t09")], null, "1: 09 10 9");
        Check(
            [_folder.Write("c.inter", "user_id:token\titem_id:token", "1\t99999999999999999999", "1\t100000000000000000000")],
            null, "1: 99999999999999999999 100000000000000000000");
    }

    [Test]
    public void Ids_around_the_border_of_small_integers_stay_apart() => Check(
        [_folder.Write("a.csv", "user,item", "0,16777216", "0,16777215", "0,99999999", "0,100000000", "0,0", "00,0", "00,1")],
        null,
        "0: 0 16777215 16777216 99999999 100000000",
        "00: 0 1");

    [Test]
    public void The_order_of_rows_and_the_threads_do_not_matter()
    {
        string[] rows = [.. Enumerable.Range(0, 5000).Select(i => $"{i * 7919 % 97},{i * 104729 % 211}")];
        string forward = _folder.Write("f.csv", ["user,item", .. rows]);
        string backward = _folder.Write("b.csv", ["user,item", .. rows.Reverse()]);
        Interactions one = InteractionReader.Read([forward], new() { Threads = 1 });
        Interactions two = InteractionReader.Read([backward], new() { Threads = 4 });
        Assert.Multiple(() =>
        {
            Assert.That(InteractionText.Lines(two), Is.EqualTo(InteractionText.Lines(one)));
            Assert.That(two.ItemIds, Is.EqualTo(one.ItemIds));
        });
    }

    [Test]
    public void A_name_with_brackets_is_one_file()
    {
        _folder.Write("a1.csv", "user,item", "9,9", "9,8");
        Check([_folder.Write("a[1].csv", "user,item", "1,2", "1,3")], null, "1: 2 3");
    }

    private static Interactions Check(string[] files, InteractionOptions? options, params string[] expected)
    {
        Interactions data = InteractionReader.Read(files, options);
        Assert.That(InteractionText.Lines(data), Is.EqualTo(expected));
        return data;
    }

    private string WriteParquet(string select)
    {
        string path = Path.Combine(_folder.Folder, "a.parquet");
        using DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"COPY ({select}) TO '{path}' (FORMAT parquet)";
        command.ExecuteNonQuery();
        return path;
    }
}
