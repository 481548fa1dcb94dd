using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Foundation;

public unsafe class MatrixTests
{
    [Test]
    public void Rows_are_padded_to_sixteen_floats_and_begin_on_cache_lines([Range(1, 50)] int columns)
    {
        using Matrix table = new(3, columns);
        Assert.That(table.Stride, Is.EqualTo((columns + 15) / 16 * 16));
        Assert.That(Matrix.PaddedLength(columns), Is.EqualTo(table.Stride));
        Assert.That(table.Bytes, Is.EqualTo(3L * table.Stride * 4));
        for (int row = 0; row < 3; row++)
        {
            Assert.That((long)table.RowPointer(row) % 64, Is.Zero);
            Assert.That(table.Row(row).Length, Is.EqualTo(columns));
            Assert.That(table.PaddedRow(row).Length, Is.EqualTo(table.Stride));
            Assert.That(table.PaddedRow(row).ToArray(), Is.All.Zero);
        }
    }

    [Test]
    public void Rows_do_not_overlap()
    {
        using Matrix table = new(5, 17);
        for (int row = 0; row < 5; row++)
            table.Row(row).Fill(row + 1);
        for (int row = 0; row < 5; row++)
        {
            Assert.That(table.Row(row).ToArray(), Is.All.EqualTo(row + 1));
            Assert.That(table.PaddedRow(row)[17..].ToArray(), Is.All.Zero);
        }
    }

    [Test]
    public void A_large_table_is_zero_and_aligned_too()
    {
        using Matrix table = new(100_000, 33);
        Assert.That((long)table.Pointer % 64, Is.Zero);
        Assert.That(new ReadOnlySpan<float>(table.Pointer, 100_000 * 48).IndexOfAnyExcept(0f), Is.EqualTo(-1));
    }

    [Test]
    public void Offsets_have_64_bits()
    {
        // 2^28 rows of 16 floats: the last row begins 2^32 − 16 floats from the first.
        const long Rows = 1L << 28;
        using MatrixView view = View(Rows, 5);
        Matrix table = view.Table;
        Assert.That(table.RowPointer(Rows - 1) - table.Pointer, Is.EqualTo((1L << 32) - 16));
        table.Row(Rows - 1)[4] = 3;
        table.Row((1L << 27) + 1)[0] = 2;
        Assert.That(table.Pointer[(1L << 32) - 12], Is.EqualTo(3));
        Assert.That(table.Pointer[(1L << 31) + 16], Is.EqualTo(2));
    }

    [Test]
    public void A_table_without_rows_is_allowed()
    {
        using Matrix table = new(0, 4);
        Assert.That(() => table.RowPointer(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        table.Clear();
    }

    [TestCase(-1)]
    [TestCase(3)]
    [TestCase(long.MaxValue)]
    public void A_row_that_is_not_there_is_refused(long row)
    {
        using Matrix table = new(3, 4);
        Assert.That(() => table.RowPointer(row), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 2"));
        Assert.That(() => { table.Row(row); }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => { table.PaddedRow(row); }, Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [TestCase(-1, 4)]
    [TestCase(3, 0)]
    [TestCase(3, -2)]
    public void A_shape_that_makes_no_sense_is_refused(long rows, int columns) =>
        Assert.That(() => new Matrix(rows, columns), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void Copies_need_one_shape()
    {
        using Matrix a = Seeded.Matrix(1, 4, 9);
        using Matrix b = new(4, 9), c = new(4, 10), d = new(5, 9);
        b.CopyFrom(a);
        for (int row = 0; row < 4; row++)
            Assert.That(b.PaddedRow(row).ToArray(), Is.EqualTo(a.PaddedRow(row).ToArray()));
        Assert.That(() => c.CopyFrom(a), Throws.ArgumentException.With.Message.Contains("[4, 9]").And.Message.Contains("[4, 10]"));
        Assert.That(() => d.CopyFrom(a), Throws.ArgumentException);
        b.Clear();
        Assert.That(b.Row(3).ToArray(), Is.All.Zero);
    }

    [Test]
    public void A_disposed_table_refuses_access()
    {
        Matrix table = new(3, 4);
        table.Dispose();
        table.Dispose();
        Assert.That(() => { _ = table.Pointer; }, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => { table.Row(0); }, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(table.Clear, Throws.TypeOf<ObjectDisposedException>());
    }

    private static MatrixView View(long rows, int columns)
    {
        SparseMemory memory = new(rows * Matrix.PaddedLength(columns) * sizeof(float));
        return new MatrixView(rows, columns, memory.Pointer, memory);
    }
}
