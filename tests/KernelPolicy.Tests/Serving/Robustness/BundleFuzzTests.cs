using System.Text;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>
/// Bundles that a forger wrote, under right checksums: opened with every check, each is refused by an InvalidDataException that
/// names file and offset, or does all that a bundle does.
/// </summary>
public sealed class BundleFuzzTests
{
    private static readonly int[] Numbers =
        [0, 1, -1, 2, -2, 39, 40, 41, 63, 64, 65, 69, 70, 71, 127, 128, 255, 256, 1 << 20, 1 << 30, int.MaxValue, int.MinValue, int.MinValue + 1];

    private static readonly float[] Floats =
        [float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -float.MaxValue, float.Epsilon, -0f, 1e30f];

    private string _folder = null!;
    private Dictionary<BundleShape, byte[]> _files = null!;
    private BundleProbe _probe = null!;

    [OneTimeSetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("kernelpolicy-fuzz-").FullName;
        _files = Enum.GetValues<BundleShape>().ToDictionary(shape => shape, shape => RobustnessCase.Bytes(shape, _folder));
        _probe = new BundleProbe(_folder);
        foreach (byte[] file in _files.Values)
            _probe.Probe(ForgedFile.Parse(file).ToBytes(), () => "as it was");
        Assert.That(_probe.Count, Is.EqualTo((0, _files.Count)), "A file that is taken apart and put together again is what it was.");
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, true);

    [SetUp]
    public void Begin() => _probe = new BundleProbe(_folder);

    [Test]
    public void Offsets_and_lengths([Values] BundleShape shape)
    {
        long[] changes = [1, -1, 4, -4, 8, 63, 64, -64, 4096, 1L << 31, 1L << 40, long.MaxValue / 2];
        foreach (string name in Names(shape))
        {
            foreach (long change in changes)
            {
                Try(shape, name, $"a declared length {change} longer", section => section.Length = section.Content.Length + change);
                Try(shape, name, $"an offset {change} further", section => section.Offset = offset => offset + change);
                if (Math.Abs(change) <= 4096)
                    Try(shape, name, $"{change} bytes more", section => section.Content = Resized(section.Content, (int)change));
            }

            foreach (long value in (long[])[0, -1, 1, 40, 64, long.MaxValue, long.MinValue, long.MaxValue - 63])
            {
                Try(shape, name, $"a declared length of {value}", section => section.Length = value);
                Try(shape, name, $"an offset of {value}", section => section.Offset = _ => value);
            }

            Try(shape, name, "nothing in it", section => section.Content = []);
            Try(shape, name, "its name changed", section => section.Name = "other");
            Try(shape, name, "zeros in it", section => section.Content.AsSpan().Clear());
            Try(shape, name, "ones in it", section => section.Content.AsSpan().Fill(0xFF));
            foreach (string other in Names(shape).Where(other => other != name))
            {
                ForgedFile file = ForgedFile.Parse(_files[shape]);
                file[name].Content = file[other].Content;
                _probe.Probe(file.ToBytes(), () => $"{shape}: {name} holds {other}");
                file = ForgedFile.Parse(_files[shape]);
                file[name].Name = other;
                _probe.Probe(file.ToBytes(), () => $"{shape}: {name} is named {other}");
            }
        }

        AssertBoth();
    }

    [Test]
    public void Values([Values] BundleShape shape)
    {
        Random random = new(7);
        foreach (string name in Names(shape).Where(name => name != "facts"))
        {
            for (int trial = 0; trial < 40; trial++)
            {
                int changes = random.Next(1, 4);
                Try(shape, name, $"{changes} numbers forged, trial {trial}", section =>
                {
                    for (int i = 0; i < changes && section.Numbers > 0; i++)
                        Forge(section, random);
                });
            }
        }

        AssertBoth();
    }

    /// <summary>Where items, nodes or slots only change places, every number is one that might stand there.</summary>
    [Test]
    public void Orders([Values(BundleShape.Full, BundleShape.Codes, BundleShape.Plain)] BundleShape shape)
    {
        Random random = new(8);
        foreach (string name in Names(shape).Where(name => name is not "facts"))
        {
            for (int trial = 0; trial < 30; trial++)
            {
                Try(shape, name, $"numbers moved, trial {trial}", section =>
                {
                    int width = name == "item-id-ends" ? 8 : name is "levels" or "scales" or "item-ids" ? 1 : 4;
                    int one = random.Next(section.Content.Length / width) * width, two = random.Next(section.Content.Length / width) * width;
                    byte[] first = section.Content[one..(one + width)];
                    section.Content.AsSpan(two, width).CopyTo(section.Content.AsSpan(one));
                    if (trial % 2 == 0)
                        first.CopyTo(section.Content, two);
                });
            }
        }

        AssertBoth();
    }

    [Test]
    public void Flipped_bits_anywhere([Values] BundleShape shape)
    {
        Random random = new(9);
        for (int trial = 0; trial < 300; trial++)
        {
            byte[] file = [.. _files[shape]];

            // Every other time in the header and the table, whose bytes are few.
            int among = trial % 2 == 0 ? 32 + (48 * Names(shape).Length) : file.Length;
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                file[random.Next(among)] ^= (byte)(1 << random.Next(8));
            ForgedFile.Sign(file);
            int number = trial;
            _probe.Probe(file, () => $"{shape}: flipped, trial {number}");
        }

        AssertBoth();
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("{")]
    [TestCase("\"text\"")]
    [TestCase("""{"Items":70}""")]
    [TestCase("""{"Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":71,"Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":69,"Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":0,"Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":-70,"Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":70.5,"Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":"70","Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":536870912,"Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":536870913,"Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":4294967366,"Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":9223372036854775807,"Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":9223372036854775808,"Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":1e400,"Dimension":5,"Facts":{}}""")]
    [TestCase("""{"Items":70,"Dimension":17,"Facts":{}}""")]
    [TestCase("""{"Items":70,"Dimension":0,"Facts":{}}""")]
    [TestCase("""{"Items":70,"Dimension":-5,"Facts":{}}""")]
    [TestCase("""{"Items":70,"Dimension":1048576,"Facts":{}}""")]
    [TestCase("""{"Items":70,"Dimension":2147483647,"Facts":{}}""")]
    [TestCase("""{"Items":70,"Dimension":2147483648,"Facts":{}}""")]
    [TestCase("""{"Items":70,"Dimension":5}""")]
    [TestCase("""{"Items":70,"Dimension":5,"Facts":null}""")]
    [TestCase("""{"Items":70,"Dimension":5,"Facts":{"seed":null}}""")]
    [TestCase("""{"Items":70,"Dimension":5,"Facts":{"seed":1}}""")]
    [TestCase("""{"Items":70,"Dimension":5,"Facts":[]}""")]
    [TestCase("""{"Items":70,"Dimension":5,"Facts":{"seed":{"a":"b"}}}""")]
    [TestCase("""{"Items":70,"Dimension":5,"Facts":{"seed":"\ud800"}}""")]
    [TestCase("""{"Items":70,"Dimension":5,"Facts":{}} {}""")]
    public void Facts_that_cannot_be(string json)
    {
        TryFacts(Encoding.UTF8.GetBytes(json), json);
        Assert.That(_probe.Count, Is.EqualTo((1, 0)));
    }

    [Test]
    public void Facts_that_are_no_text()
    {
        string good = """{"Items":70,"Dimension":5,"Facts":{"seed":"1"}}""";
        TryFacts(Encoding.UTF8.GetBytes(good), good);
        Assert.That(_probe.Count, Is.EqualTo((0, 1)));
        TryFacts([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(good)], "behind a byte order mark");
        TryFacts(Encoding.UTF8.GetBytes(good.Replace("seed", new string('[', 100_000), StringComparison.Ordinal)), "a long name");
        TryFacts(Encoding.UTF8.GetBytes(new string('[', 100_000)), "deeply nested");
        TryFacts(Encoding.UTF8.GetBytes($$"""{"Items":70,"Dimension":5,"Facts":{{new string('[', 1000)}}"""), "nested facts");
        TryFacts(Encoding.Latin1.GetBytes(good.Replace("seed", "s\u00ff", StringComparison.Ordinal)), "a name that is not UTF-8");
        TryFacts(Encoding.Latin1.GetBytes(good.Replace("\"1\"", "\"\u00ff\"", StringComparison.Ordinal)), "a text that is not UTF-8");
        TryFacts(Encoding.Unicode.GetBytes(good), "UTF-16");
        Random random = new(10);
        for (int trial = 0; trial < 200; trial++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(good);
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            TryFacts(bytes, Encoding.Latin1.GetString(bytes));
        }
    }

    private static void Forge(ForgedSection section, Random random)
    {
        int number = random.Next(section.Numbers);
        switch (random.Next(5))
        {
            case 0:
                section.Set(number, Numbers[random.Next(Numbers.Length)]);
                break;
            case 1:
                section.Set(number, Floats[random.Next(Floats.Length)]);
                break;
            case 2:
                section.Set(number, random.Next(-1, 71));
                break;
            case 3:
                section.Set(number, section.Int(number) + random.Next(-2, 3));
                break;
            default:
                section.Content[random.Next(section.Content.Length)] = (byte)random.Next(256);
                break;
        }
    }

    private static byte[] Resized(byte[] content, int by)
    {
        byte[] other = new byte[Math.Max(0, content.Length + by)];
        content.AsSpan(0, Math.Min(content.Length, other.Length)).CopyTo(other);
        return other;
    }

    private string[] Names(BundleShape shape) => [.. ForgedFile.Parse(_files[shape]).Sections.Select(section => section.Name)];

    private void Try(BundleShape shape, string name, string what, Action<ForgedSection> forge)
    {
        ForgedFile file = ForgedFile.Parse(_files[shape]);
        forge(file[name]);
        _probe.Probe(file.ToBytes(), () => $"{shape}: section '{name}' with {what}");
    }

    private void TryFacts(byte[] json, string what)
    {
        ForgedFile file = ForgedFile.Parse(_files[BundleShape.Full]);
        file["facts"].Content = json;
        _probe.Probe(file.ToBytes(), () => $"facts {what}");
    }

    // A forger who is always refused, or never, shows little.
    private void AssertBoth()
    {
        TestContext.Out.WriteLine($"{_probe.Count.Refused} refused, {_probe.Count.Opened} opened");
        Assert.That(_probe.Count.Refused, Is.Positive);
        Assert.That(_probe.Count.Opened, Is.Positive);
    }
}
