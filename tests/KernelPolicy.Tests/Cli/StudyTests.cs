using System.Text.Json;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>The paper's experiments through the tool, on a catalogue small enough for a test.</summary>
internal sealed class StudyTests
{
    private static readonly string[] Kept = ["folder", "report", "files", "cells", "measured", "missing", "seconds", "claims"];

    private TestFolder _folder = null!;
    private ToolRun _run = null!;

    [OneTimeSetUp]
    public void Measure()
    {
        _folder = new TestFolder();
        _run = ToolRun.Of(Study("--json", "--only", "learning|steps.*L16"));
    }

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void Json_is_one_object_alone_with_the_names_that_stay()
    {
        Assert.That((_run.Code, _run.Error), Is.EqualTo((0, "")));
        JsonElement report = _run.Json;
        Assert.Multiple(() =>
        {
            Assert.That(report.EnumerateObject().Select(p => p.Name), Is.EqualTo(Kept));
            Assert.That(report.GetProperty("measured").GetInt32(), Is.EqualTo(8 + 23));
            Assert.That(report.GetProperty("missing").GetInt32(), Is.EqualTo(3 * 8), "the other L");
            Assert.That(report.GetProperty("claims").GetArrayLength(), Is.EqualTo(8));
            foreach (JsonElement file in report.GetProperty("files").EnumerateArray())
                Assert.That(File.Exists(file.GetString()!), file.GetString());
        });
    }

    [Test]
    public void The_report_is_one_page_that_needs_nothing_from_outside()
    {
        string html = File.ReadAllText(_folder["study/report.html"]);
        string[] ids = [.. Regex.Matches(html, " id=\"([^\"]+)\"").Select(m => m.Groups[1].Value)];
        Assert.Multiple(() =>
        {
            Assert.That(html, Does.Not.Contain("<script").And.Not.Contain("src=").And.Not.Contain("@import"));
            Assert.That(Regex.Count(html, "<svg "), Is.EqualTo(6));
            Assert.That(html, Does.Not.Match(", *\" "), "lists of positions end with a number");
            Assert.That(ids, Is.Unique, "pictures drawn with the same ids would be cut by each other's frames");
            foreach (Match used in Regex.Matches(html, @"url\(#([^)]+)\)"))
                Assert.That(ids, Has.Member(used.Groups[1].Value));
            Assert.That(html, Does.Contain("24 of 55 cells have not been measured").And.Contain("table 2 of the paper").And.Contain("ε = 0.2"));
            Assert.That(html, Does.Contain(".NET").And.Contain("kernelpolicy ").And.Contain("seeds"));
            foreach (Match link in Regex.Matches(html, "<a href=\"([^\"#]+)\""))
                Assert.That(File.Exists(_folder[$"study/{link.Groups[1].Value}"]), link.Value);
        });
    }

    [Test]
    public void Csv_and_json_have_what_the_plots_show()
    {
        string[] points = File.ReadAllLines(_folder["study/rq2-points.csv"]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(_folder["study/rq2.json"]));
        Assert.Multiple(() =>
        {
            Assert.That(points[0], Is.EqualTo("catalogue,method,seed,epoch,seconds,reward,gradient_error"));
            // Seven curves from before training to the second epoch.
            Assert.That(points, Has.Length.EqualTo(1 + (7 * 3)));
            Assert.That(json.RootElement.GetProperty("points").GetArrayLength(), Is.EqualTo(7 * 3));
            Assert.That(json.RootElement.GetProperty("within_time").GetArrayLength(), Is.EqualTo(7));
            Assert.That(json.RootElement.GetProperty("summary")[0].GetProperty("reward").GetDouble(), Is.InRange(0, 1));
            Assert.That(File.ReadAllLines(_folder["study/rq1-points.csv"]), Has.Length.EqualTo(1 + 8));
        });
    }

    [Test]
    public void Asked_again_it_measures_nothing_and_says_the_same()
    {
        string before = File.ReadAllText(_folder["study/report.html"]);
        ToolRun again = ToolRun.Of(Study("--only", "learning|steps.*L16"));
        Assert.Multiple(() =>
        {
            Assert.That(again.Code, Is.Zero, again.Error);
            Assert.That(again.Output, Does.Contain("the paper's claim").And.Contain("24 of 55 cells have no figures yet").And.Contain("report.html"));
            Assert.That(File.ReadAllText(_folder["study/report.html"]), Is.EqualTo(before));
        });
    }

    [Test]
    public void The_list_says_what_is_measured_and_what_is_left()
    {
        ToolRun list = ToolRun.Of(Study("--list", "--json", "--only", "L64"));
        JsonElement[] cells = [.. list.Json.GetProperty("cells").EnumerateArray()];
        Assert.Multiple(() =>
        {
            Assert.That(cells, Has.Length.EqualTo(55));
            Assert.That(cells.Count(c => c.GetProperty("state").GetString() == "measured"), Is.EqualTo(31));
            Assert.That(cells.Count(c => c.GetProperty("state").GetString() == "to measure"), Is.EqualTo(8));
            Assert.That(cells.Count(c => c.GetProperty("state").GetString() == "left out"), Is.EqualTo(16));
            Assert.That(list.Json.GetProperty("hours").GetDouble(), Is.Positive);
            Assert.That(ToolRun.Of(Study("--list")).Output, Does.Contain("55 cells, 24 to measure: some 1 minutes on two idle cores"));
        });
    }

    [Test]
    public void A_stop_leaves_a_report_of_what_there_is_and_says_how_to_go_on()
    {
        using TestFolder folder = new();
        using CancellationTokenSource source = new();
        string[] arguments = ["study", "--items", "200", "--users", "100", "--dim", "8", "--epochs", "1", "--seeds", "2", "--device", "simd", "--only", "learning.*exact", "--out", folder["s"]];
        ToolRun stopped = ToolRun.Of(arguments, new StoppingWriter("synthetic, seed 1 of 2:", source), source.Token);
        Assert.Multiple(() =>
        {
            Assert.That(stopped.Code, Is.EqualTo(130), stopped.Error);
            Assert.That(stopped.Error, Does.Contain("1 of 110 cells are measured").And.Contain("kernelpolicy study --items 200"));
            Assert.That(File.Exists(folder["s/report.html"]));
        });
        Assert.That(ToolRun.Of([.. arguments, "--json"]).Json.GetProperty("measured").GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public void Data_of_the_users_are_studied_at_their_own_size()
    {
        using TestFolder folder = new();
        ToolRun run = ToolRun.Of(
            "study", "--data", folder.Log(), "--dim", "8", "--epochs", "1", "--seeds", "1", "--device", "simd", "--only", "learning.data.*strata-8-16",
            "--out", folder["s"], "--json");
        Assert.That(run.Code, Is.Zero, run.Error);
        Assert.That(run.Json.GetProperty("measured").GetInt32(), Is.EqualTo(1));
        Assert.That(File.ReadAllText(folder["s/report.html"]), Does.Contain("log.csv"));
    }

    [TestCase("--only is '(', which is no regular expression", "--only", "(")]
    [TestCase("--items is '5'; it must be a whole number from 100 to 16777216.", "--items", "5")]
    [TestCase("--items and --users size the catalogue that --preset small draws", "--items", "500", "--preset", "full")]
    [TestCase("--preset is 'large'; it must be one of small, full.", "--preset", "large")]
    [TestCase("--format says how to read files; name them with --data.", "--format", "csv")]
    public void Mistakes_are_named(string message, params string[] arguments)
    {
        ToolRun run = ToolRun.Of(["study", .. arguments]);
        Assert.That((run.Code, run.Output), Is.EqualTo((2, "")));
        Assert.That(run.Error, Does.Contain(message));
    }

    [Test]
    public void Another_study_in_the_same_folder_is_refused()
    {
        ToolRun run = ToolRun.Of(Study("--learning-rate", "0.5"));
        Assert.That((run.Code, run.Output), Is.EqualTo((2, "")));
        Assert.That(run.Error, Does.Contain("holds a study with catalogues").And.Contain("Give this one another --out"));
    }

    private string[] Study(params string[] more) =>
    [
        "study", "--items", "600", "--users", "200", "--dim", "8", "--epochs", "2", "--seeds", "1", "--device", "simd", "--threads", "2", "--out",
        _folder["study"], .. more,
    ];
}
