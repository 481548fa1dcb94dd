using KernelPolicy.Data;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

/// <summary>Bad logs and bad options: the message must name file, line, column, value and what is allowed.</summary>
[TestFixture]
public sealed class BanditLogErrorTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("0")]
    [TestCase("-0.25")]
    [TestCase("1.0000001")]
    [TestCase("NaN")]
    [TestCase("Infinity")]
    [TestCase("1e999")]
    [TestCase("half")]
    public void A_propensity_outside_its_range(string value) =>
        Fails<InvalidDataException>(Rows($"8,{value},0,5"), null, "a.csv, line 3", "propensity is", value, "(0, 1]");

    [Test]
    public void An_empty_propensity() => Fails<InvalidDataException>(Rows("8,,0,5"), null, "a.csv, line 3", "propensity is empty", "(0, 1]");

    [TestCase("NaN")]
    [TestCase("-Infinity")]
    [TestCase("often")]
    public void A_reward_that_is_no_finite_number(string value) =>
        Fails<InvalidDataException>(Rows($"8,1,{value},5"), null, "a.csv, line 3", $"reward is \"{value}\"", "finite");

    [TestCase("")]
    [TestCase("  ")]
    [TestCase("\"\"")]
    public void A_missing_action(string value) =>
        Fails<InvalidDataException>(Rows($"{value},1,0,5"), null, "a.csv, line 3", "action is", "item id");

    [TestCase("red", "is \"red\"")]
    [TestCase("", "is empty")]
    [TestCase("NaN", "is \"NaN\"")]
    [TestCase("1e39", "is \"1e39\"")]
    public void A_feature_that_is_no_number_after_one_that_is(string value, string said) =>
        Fails<InvalidDataException>(Rows($"8,1,0,{value}"), null, "a.csv, line 3", "feature_0 " + said, "finite number", "CategoryColumns");

    [Test]
    public void Too_many_categories() => Fails<InvalidDataException>(
        _folder.Write("a.csv", "action,reward,feature_c", "1,0,a", "1,0,b", "1,0,a", "1,0,c"),
        new() { MaxCategories = 2 }, "a.csv, line 5", "feature_c is \"c\"", "at most 2", "MaxCategories");

    [TestCase("1.5")]
    [TestCase("first")]
    public void A_position_that_is_no_integer(string value) => Fails<InvalidDataException>(
        _folder.Write("a.csv", "action,reward,position", $"1,0,{value}"), null, "a.csv, line 2", $"position is \"{value}\"", "integer");

    [TestCase("noon", "time: a finite number or a date", "5")]
    [TestCase("2019-11-24", "as in the rows before", "5")]
    [TestCase("5", "as in the rows before", "2019-11-24")]
    public void A_time_of_another_kind(string value, string said, string first)
    {
        string[] rows = value == "noon" ? ["1,0,noon"] : [$"1,0,{first}", $"1,0,{value}"];
        Fails<InvalidDataException>(
            _folder.Write("a.csv", ["action,reward,timestamp", .. rows]), null, $"a.csv, line {rows.Length + 1}", $"timestamp is \"{value}\"", said);
    }

    [Test]
    public void An_item_that_is_not_among_those_given()
    {
        string file = _folder.Write("a.csv", "action,reward,history", "1,0,2", "2,0,3");
        Fails<InvalidDataException>(file, new() { Items = ["1"] }, "line 2", "history is \"2\"", "items given");
        Fails<InvalidDataException>(file, new() { Items = ["1", "3"] }, "line 2", "history is \"2\"");
        Fails<InvalidDataException>(file, new() { Items = ["3", "2"] }, "line 2", "action is \"1\"", "items given");
    }

    [Test]
    public void The_line_counts_blank_lines_and_breaks_within_quotes()
    {
        string file = _folder.WriteText("a.csv", "action,reward\r\n\r\n\"x\r\ny\",1\r\n\r\nz,bad\r\n");
        Fails<InvalidDataException>(file, null, "a.csv, line 6", "\"bad\"");
    }

    [Test]
    public void A_short_row_is_named_by_its_line() =>
        Fails<InvalidDataException>(_folder.Write("a.csv", "action,reward,position", "1,0,1", "1,0"), null, "a.csv, line 3");

    [Test]
    public void Columns_that_are_not_there_or_not_settled()
    {
        string file = _folder.Write("a.csv", "action,reward,x", "1,0,1");
        Fails<ArgumentException>(file, new() { PropensityColumn = "p" }, "\"p\"", "\"action\", \"reward\", \"x\"");
        Fails<ArgumentException>(file, new() { FeatureColumns = ["y_*"] }, "\"y_*\"", "\"x\"");
        Fails<ArgumentException>(file, new() { FeatureColumns = [], Intercept = false }, "no context", "FeatureColumns");
        Fails<ArgumentException>(file, new() { PropensityColumn = "reward" }, "reward", "two things");
        Fails<ArgumentException>(_folder.Write("b.csv", "action,item_id,reward", "1,0,1"), null, "more than one", "actions");
        Fails<ArgumentException>(_folder.Write("c.csv", "action,x", "1,0"), null, "no column", "rewards");
        Fails<ArgumentException>(_folder.Write("d.csv", "1,0.5,1"), null, "which column", "actions");
    }

    [Test]
    public void Files_that_do_not_go_together()
    {
        string one = _folder.Write("one.csv", "action,reward,propensity", "1,0,1");
        string two = _folder.Write("two.csv", "action,reward", "1,0");
        Assert.That(
            () => BanditLogReader.Read([one, two]), Throws.ArgumentException.With.Message.Contains("two.csv").And.Message.Contains("other columns"));
        string three = _folder.Write("three.csv", "action,reward,propensity,feature_1", "1,0,1,2");
        Assert.That(() => BanditLogReader.Read([three, one]), Throws.ArgumentException.With.Message.Contains("feature_1"));
    }

    [Test]
    public void Options_out_of_range()
    {
        string file = Rows();
        Fails<ArgumentException>(file, new() { MaxCategories = 0 }, "MaxCategories");
        Fails<ArgumentException>(file, new() { FilterColumn = "action" }, "FilterValue");
        Fails<ArgumentException>(file, new() { FileFormat = InteractionFormat.Sessions }, "Sessions");
        Fails<ArgumentException>(file, new() { Items = ["1", "1"] }, "Items", "twice");
        Fails<ArgumentException>(file, new() { Delimiter = "\n" }, "delimiter");
        Fails<ArgumentException>(file, new() { Format = (BanditLogFormat)9 }, "9");
    }

    [Test]
    public void Nothing_left_says_why() => Fails<InvalidDataException>(
        Rows(), new() { FilterColumn = "action", FilterValue = "9" }, "No decisions are left", "Rows read: 1", "filter column: 1");

    [Test]
    public void Gzip_that_ends_early_is_not_taken_for_whole()
    {
        string file = _folder.WriteGzip("whole.csv.gz", ["action,reward", .. Enumerable.Range(0, 20_000).Select(i => $"{i * 7919 % 977},{i % 2}")]);
        string cut = _folder.WriteBytes("cut.csv.gz", File.ReadAllBytes(file)[..^1000]);
        Fails<InvalidDataException>(cut, null, "cut.csv.gz", "ends early");
    }

    [Test]
    public void Cancelling_ends_it()
    {
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.That(() => BanditLogReader.Read([Rows()], null, null, source.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void A_log_put_together_wrongly_names_the_row()
    {
        FeatureEncoding encoding = new(true, []);
        using Matrix features = new(2, 1);
        BanditLogReport report = new();
        Assert.Multiple(() =>
        {
            Assert.That(() => Make(new([0, 2], [0, 0])), Throws.ArgumentException.With.Message.Contains("row 1 is 2").And.Message.Contains("0 to 1"));
            Assert.That(() => Make(new([0, 1], [0, double.NaN])), Throws.ArgumentException.With.Message.Contains("row 1 is NaN"));
            Assert.That(() => Make(new([0, 1], [0, 0]) { Propensities = [1, 0] }), Throws.ArgumentException.With.Message.Contains("row 1 is 0").And.Message.Contains("(0, 1]"));
            Assert.That(() => Make(new([0, 1], [0])), Throws.ArgumentException.With.Message.Contains("2 actions but 1 Rewards"));
            Assert.That(() => Make(new([0], [0])), Throws.ArgumentException.With.Message.Contains("[2, 1]"));
            Assert.That(
                () => new BanditLog(new([0], [0]), null, null, SparseRows.FromLists([[1, 0]]), ["a", "b"], report),
                Throws.ArgumentException.With.Message.Contains("must rise"));
            Assert.That(() => new BanditLog(new([0], [0]), null, null, null, ["a"], report), Throws.ArgumentException.With.Message.Contains("contexts"));
        });

        void Make(BanditDecisions decisions) => _ = new BanditLog(decisions, features, encoding, null, ["a", "b"], report);
    }

    private string Rows(params string[] rows) => _folder.Write("a.csv", ["action,propensity,reward,feature_0", "7,0.5,1,0.5", .. rows]);

    private static void Fails<TException>(string file, BanditLogOptions? options, params string[] parts)
        where TException : Exception
    {
        Exception error = Assert.Throws(Is.InstanceOf<TException>(), () => BanditLogReader.Read([file], options).Dispose())!;
        Assert.Multiple(() =>
        {
            foreach (string part in parts)
                Assert.That(error.Message, Does.Contain(part));
        });
    }
}
