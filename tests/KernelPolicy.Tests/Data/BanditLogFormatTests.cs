using DuckDB.NET.Data;
using KernelPolicy.Data;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

/// <summary>A few decisions in each format, and what becomes of their columns.</summary>
[TestFixture]
public sealed class BanditLogFormatTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("a.csv", ',', false)]
    [TestCase("a.tsv", '\t', false)]
    [TestCase("a.csv.gz", ',', true)]
    public void Usual_names_need_no_options(string name, char separator, bool gzip)
    {
        string[] lines =
        [
            .. new[] { "action,reward,propensity,position,timestamp,feature_0,feature_1", "7,1,0.25,2,100,0.5,-3", "10,0,1,1,99.5,1e-3,2" }
                .Select(line => line.Replace(',', separator)),
        ];
        string file = gzip ? _folder.WriteGzip(name, lines) : _folder.Write(name, lines);
        Check([file], null, "7 0.25 1 | 2 | 100 | 1 0.5 -3 | -", "10 1 0 | 1 | 99.5 | 1 0.001 2 | -");
    }

    [Test]
    public void Spans_fit_the_policys_side()
    {
        string file = _folder.Write("a.csv", "action,reward,propensity", "b,1,0.25", "a,0.5,1");
        using BanditLog log = BanditLogReader.Read([file]);
        KernelPolicy.Policy.LoggedFeedback feedback = new(log.Actions, log.Propensities, log.Rewards, log.ItemCount);
        Assert.Multiple(() =>
        {
            Assert.That(feedback.Count, Is.EqualTo(2));
            Assert.That(log.Actions.ToArray(), Is.EqualTo(new[] { 1, 0 }));
            Assert.That(log.Report.MeanReward, Is.EqualTo(0.75));
            Assert.That((log.Report.LeastPropensity, log.Report.GreatestPropensity), Is.EqualTo((0.25, 1.0)));
            Assert.That(log.Report.Rewarded, Is.EqualTo(2));
        });
    }

    [Test]
    public void Without_propensities_the_log_says_so()
    {
        BanditLog log = Check([_folder.Write("a.csv", "item_id,click", "7,1", "8,0")], null, "7 - 1 | - | - | 1 | -", "8 - 0 | - | - | 1 | -");
        Assert.Multiple(() =>
        {
            Assert.That(log.HasPropensities, Is.False);
            Assert.That(log.Propensities.IsEmpty, Is.True);
            Assert.That(log.Report.LeastPropensity, Is.NaN);
            Assert.That(log.Encoding!.EncodedFeatures, Is.EqualTo(new[] { "intercept" }));
        });
    }

    [Test]
    public void Columns_by_number_without_a_header()
    {
        string file = _folder.Write("a.csv", "0.5,x,3,true,9", "0.25,y,4,false,8");
        BanditLogOptions options = new() { ActionColumn = "2", RewardColumn = "3", PropensityColumn = "0", FeatureColumns = ["4", "1"], Intercept = false };
        BanditLog log = Check([file], options, "3 0.5 1 | - | - | 9 1 0 | -", "4 0.25 0 | - | - | 8 0 1 | -");
        Assert.That(log.Encoding!.EncodedFeatures, Is.EqualTo(new[] { "column 4", "column 1=x", "column 1=y" }));
    }

    [Test]
    public void Texts_become_categories_in_ordinal_order()
    {
        string file = _folder.Write("a.csv", "action,reward,zip,user_city,user_age", "1,0,20,b,5", "1,0,3,B,6", "1,0,20,,7", "1,0,20,a,8");
        BanditLogOptions options = new() { FeatureColumns = ["user_*", "zip"], CategoryColumns = ["zip"] };
        BanditLog log = Check(
            [file], options,
            "1 - 0 | - | - | 1 0 0 0 1 5 1 0 | -", "1 - 0 | - | - | 1 0 1 0 0 6 0 1 | -",
            "1 - 0 | - | - | 1 1 0 0 0 7 1 0 | -", "1 - 0 | - | - | 1 0 0 1 0 8 1 0 | -");
        Assert.Multiple(() =>
        {
            Assert.That(log.Encoding!.EncodedFeatures, Is.EqualTo(new[] { "intercept", "user_city=", "user_city=B", "user_city=a", "user_city=b", "user_age", "zip=20", "zip=3" }));
            Assert.That(log.Report.Features, Is.EqualTo(8));
        });
    }

    [Test]
    public void Histories_rise_and_repeats_collapse()
    {
        string file = _folder.Write("a.csv", "action,reward,history", "7,1,10 7 9  7", "8,0,", "9,0,7");
        BanditLog log = Check([file], null, "7 - 1 | - | - | - | 7 9 10", "8 - 0 | - | - | - | ", "9 - 0 | - | - | - | 7");
        Assert.Multiple(() =>
        {
            Assert.That(log.ItemIds, Is.EqualTo(new[] { "7", "8", "9", "10" }));
            Assert.That((log.Report.HistoryRepeats, log.Report.EmptyHistories, log.Report.ItemsNeverTaken), Is.EqualTo((1L, 1, 1)));
            Assert.That((log.Features, log.Encoding), Is.EqualTo(((KernelPolicy.Kernels.Matrix?)null, (FeatureEncoding?)null)));
        });
    }

    [Test]
    public void Parquet_with_a_list_and_its_own_types()
    {
        string file = WriteParquet(
            "SELECT * FROM (VALUES (7, true, 0.1::DOUBLE, [10, 7], TIMESTAMP '1970-01-01 00:00:01.5', 0.1::FLOAT, 'x y'), "
            + "(8, false, 1.0::DOUBLE, []::INT[], TIMESTAMP '1970-01-02 00:00:00', 1e30::FLOAT, 'z'), "
            + "(9, false, 0.5::DOUBLE, NULL, TIMESTAMP '1970-01-01 00:00:00', -2::FLOAT, 'z')) "
            + "t(item_id, click, pscore, history, \"timestamp\", feature_a, feature_b)");
        Check(
            [file], null,
            "7 0.1 1 | - | 1.5 | 1 0.1 1 0 | 7 10", "8 1 0 | - | 86400 | 1 1E+30 0 1 | ", "9 0.5 0 | - | 0 | 1 -2 0 1 | ");
    }

    [Test]
    public void Parquet_texts_with_spaces_in_a_list_are_one_item_each()
    {
        string file = WriteParquet("SELECT * FROM (VALUES ('a b', 1, ['c d', 'a b'])) t(action, reward, history)");
        Check([file], null, "a b - 1 | - | - | - | a b c d");
    }

    [Test]
    public void Parquet_times_with_a_zone_are_instants()
    {
        string file = WriteParquet("SELECT * FROM (VALUES (1, 0, '1970-01-01 01:00:00+01:00'), (1, 0, '1970-01-01 00:00:02.25+00:00')) t(action, reward, ts)");
        Check([file], null, "1 - 0 | - | 0 | 1 | -", "1 - 0 | - | 2.25 | 1 | -");
    }

    [Test]
    public void Several_files_share_items_and_categories_whatever_the_order_of_their_columns()
    {
        string one = _folder.Write("one.csv", "action,reward,feature_a,feature_b", "20,0,1,y");
        string two = _folder.Write("two.csv", "feature_b,feature_a,reward,action", "x,2,1,3");
        BanditLog log = Check([one, two], null, "20 - 0 | - | - | 1 1 0 1 | -", "3 - 1 | - | - | 1 2 1 0 | -");
        Assert.That(log.ItemIds, Is.EqualTo(new[] { "3", "20" }));
    }

    [Test]
    public void A_second_log_takes_over_items_and_encoding()
    {
        BanditLog first = Check(
            [_folder.Write("a.csv", "action,reward,feature_a", "20,0,x", "3,0,y")], null, "20 - 0 | - | - | 1 1 0 | -", "3 - 0 | - | - | 1 0 1 | -");
        BanditLog second = Check(
            [_folder.Write("b.csv", "feature_a,feature_z,action,reward", "z,1,20,1", "y,2,20,0")],
            new() { Items = first.ItemIds, Encoding = first.Encoding },
            "20 - 1 | - | - | 1 0 0 | -", "20 - 0 | - | - | 1 0 1 | -");
        Assert.Multiple(() =>
        {
            Assert.That(second.ItemIds, Is.EqualTo(first.ItemIds));
            Assert.That(second.Actions.ToArray(), Is.EqualTo(new[] { 1, 1 }));
            Assert.That((second.Report.UnknownCategories, second.Report.ItemsNeverTaken), Is.EqualTo((1L, 1)));
            Assert.That(second.Encoding, Is.SameAs(first.Encoding));
        });
    }

    [Test]
    public void A_filter_keeps_one_position_and_counts_the_rest()
    {
        string file = _folder.Write("a.csv", "action,reward,position", "1,0,1", "2,0,2", "3,1,1");
        BanditLog log = Check([file], new() { FilterColumn = "position", FilterValue = "1" }, "1 - 0 | 1 | - | 1 | -", "3 - 1 | 1 | - | 1 | -");
        Assert.That((log.Report.RowsRead, log.Report.RowsFilteredOut, log.Report.Decisions), Is.EqualTo((3L, 1L, 2)));
    }

    [Test]
    public void Threads_do_not_change_it_and_rows_keep_their_order()
    {
        Random random = new(1);
        string[] rows = [.. Enumerable.Range(0, 30_000).Select(i => $"{random.Next(500)},{random.Next(2)},{(random.NextDouble() + 1e-9) / 2:R},{i},c{random.Next(40)},{random.NextDouble():R}")];
        string file = _folder.Write("a.csv", ["action,reward,propensity,time,feature_0,feature_1", .. rows]);
        using BanditLog one = BanditLogReader.Read([file], new() { Threads = 1 });
        using BanditLog two = BanditLogReader.Read([file], new() { Threads = 4 });
        Assert.Multiple(() =>
        {
            Assert.That(BanditText.Lines(two), Is.EqualTo(BanditText.Lines(one)));
            Assert.That(one.Times.ToArray(), Is.EqualTo(Enumerable.Range(0, 30_000).Select(i => (double)i)));
        });
    }

    private BanditLog Check(string[] files, BanditLogOptions? options, params string[] expected)
    {
        BanditLog log = BanditLogReader.Read(files, options);
        _logs.Add(log);
        Assert.That(BanditText.Lines(log), Is.EqualTo(expected));
        return log;
    }

    private readonly List<BanditLog> _logs = [];

    [TearDown]
    public void DisposeLogs()
    {
        _logs.ForEach(log => log.Dispose());
        _logs.Clear();
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
