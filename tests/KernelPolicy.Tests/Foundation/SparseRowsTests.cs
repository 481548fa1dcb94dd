using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Foundation;

public class SparseRowsTests
{
    [Test]
    public void Rows_come_back_as_they_were_given()
    {
        int[][] lists = [[3, 1], [], [7], []];
        SparseRows rows = SparseRows.FromLists(lists);
        Assert.That(rows.Count, Is.EqualTo(4));
        Assert.That(rows.ItemCount, Is.EqualTo(3));
        for (int row = 0; row < 4; row++)
            Assert.That(rows[row].ToArray(), Is.EqualTo(lists[row]));
        Assert.That(rows.Offsets.ToArray(), Is.EqualTo(new long[] { 0, 2, 2, 3, 3 }));
        Assert.That(rows.Items.ToArray(), Is.EqualTo(new[] { 3, 1, 7 }));
    }

    [Test]
    public void No_rows_at_all()
    {
        SparseRows rows = SparseRows.FromLists([]);
        Assert.That(rows.Count, Is.Zero);
        Assert.That(rows.ItemCount, Is.Zero);
    }

    [TestCase(new long[0], 0)]
    [TestCase(new long[] { 1, 2 }, 2)]
    [TestCase(new long[] { 0, 3 }, 2)]
    [TestCase(new long[] { 0, 1 }, 2)]
    [TestCase(new long[] { 0, 2, 1, 2 }, 2)]
    [TestCase(new long[] { 0, -1, 2 }, 2)]
    public void Offsets_that_do_not_fit_are_refused(long[] offsets, int items) =>
        Assert.That(() => new SparseRows(offsets, new int[items]), Throws.ArgumentException.With.Property("ParamName").EqualTo("offsets"));

    [Test]
    public void A_row_that_is_not_there_is_refused()
    {
        SparseRows rows = SparseRows.FromLists([[1, 2]]);
        Assert.That(() => { _ = rows[1]; }, Throws.InstanceOf<Exception>());
        Assert.That(() => { _ = rows[-1]; }, Throws.InstanceOf<Exception>());
    }

    [Test]
    public void Missing_arrays_are_refused()
    {
        Assert.That(() => new SparseRows(null!, []), Throws.ArgumentNullException);
        Assert.That(() => new SparseRows([0], null!), Throws.ArgumentNullException);
        Assert.That(() => SparseRows.FromLists(null!), Throws.ArgumentNullException);
    }
}
