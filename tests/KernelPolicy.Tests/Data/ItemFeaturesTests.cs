using KernelPolicy.Data;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Data;

[TestFixture]
public sealed class ItemFeaturesTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Rows_follow_the_items_and_others_are_left_out()
    {
        string file = _folder.Write("items.csv", ",item_id,price,kind", "0,b,2.5,y", "1,z,9,w", "2,a,1,x");
        using ItemFeatures features = ItemFeatures.Read(file, ["a", "b"]);
        Assert.Multiple(() =>
        {
            Assert.That(features.Encoding.EncodedFeatures, Is.EqualTo(new[] { "price", "kind=x", "kind=y" }));
            Assert.That(features.Values.Row(0).ToArray(), Is.EqualTo(new[] { 1f, 1, 0 }));
            Assert.That(features.Values.Row(1).ToArray(), Is.EqualTo(new[] { 2.5f, 0, 1 }));
            Assert.That(features.RowsLeftOut, Is.EqualTo(1));
        });
    }

    [Test]
    public void Faults_are_named()
    {
        string[] ids = ["a", "b", "c"];
        Fails<InvalidDataException>(["item_id,p", "a,1", "z,2"], ids, "items.csv", "\"b\"", "1 others", "3 items");
        Fails<InvalidDataException>(["item_id,p", "a,1", "b,2", "a,3"], ids, "line 4", "item_id is \"a\"", "once");
        Fails<InvalidDataException>(["item_id,p", "a,1", "b,dear", "c,3"], ids, "line 3", "p is \"dear\"", "finite number");
        Fails<InvalidDataException>(["item_id,p", "a,1", "b,NaN", "c,3"], ids, "line 3", "p is \"NaN\"", "finite number");
        Fails<InvalidDataException>(["item_id,p", "a,1", ",2"], ids, "line 3", "item_id is empty");
        Fails<InvalidDataException>(["item_id", "a"], ids, "line 1", "at least two fields");
        Fails<ArgumentException>(["thing,p", "a,1"], ids, "no column", "item ids", "\"thing\"");
    }

    [Test]
    public void One_feature_an_item()
    {
        using ItemFeatures features = ItemFeatures.OneHot(20);
        Assert.Multiple(() =>
        {
            for (int item = 0; item < 20; item++)
                Assert.That(features.Values.Row(item).ToArray().Select((v, j) => v == (j == item ? 1 : 0)), Is.All.True);
            Assert.That(features.Encoding.EncodedFeatures[3], Is.EqualTo("item=3"));
            Assert.That(() => ItemFeatures.OneHot(0), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => ItemFeatures.OneHot(16_385), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("16384"));
        });
    }

    [Test]
    public void Padding_keeps_values_and_adds_zeros()
    {
        using Matrix contexts = Seeded.Matrix(1, 7, 5);
        using Matrix items = Seeded.Matrix(2, 9, 18);
        int dimension = ContextPadding.CommonDimension(contexts, items);
        using Matrix padded = ContextPadding.Pad(contexts, dimension);
        using Matrix same = ContextPadding.Pad(items, dimension);
        Assert.Multiple(() =>
        {
            Assert.That((dimension, padded.Rows, padded.Columns), Is.EqualTo((18, 7L, 18)));
            for (int row = 0; row < 7; row++)
            {
                Assert.That(padded.Row(row)[..5].SequenceEqual(contexts.Row(row)), Is.True);
                Assert.That(padded.PaddedRow(row)[5..].ToArray(), Is.All.Zero);
            }

            Assert.That(same.Row(8).SequenceEqual(items.Row(8)), Is.True);
            Assert.That(() => ContextPadding.Pad(items, 17), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    private void Fails<TException>(string[] lines, string[] ids, params string[] parts)
        where TException : Exception
    {
        string file = _folder.Write("items.csv", lines);
        Exception error = Assert.Throws(Is.InstanceOf<TException>(), () => ItemFeatures.Read(file, ids).Dispose())!;
        Assert.Multiple(() =>
        {
            foreach (string part in parts)
                Assert.That(error.Message, Does.Contain(part));
        });
    }
}
