using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>β on a device, and what does not fit there.</summary>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.Devices))]
public sealed class DeviceItemsTests(DevicePath path) : DeviceFixture(path)
{
    [TestCase(65520f)]
    [TestCase(-1e30f)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NaN)]
    public void Half_precision_refuses_what_it_cannot_hold_and_names_the_item(float value)
    {
        using Matrix items = Seeded.Matrix(1, 4100, 3);
        items.Row(4098)[1] = value;
        Assert.That(
            () => new DeviceItems(Device, items, ItemPrecision.Half),
            Throws.ArgumentException.With.Message.Contains("Item 4098 ").And.Message.Contains("65,504"));
        Assert.That(Device.ReservedBytes, Is.Zero);
    }

    /// <summary>65,519 is rounded down to the largest half.</summary>
    [Test]
    public void Half_precision_takes_half_the_memory([Values(1, 16, 17)] int dimension)
    {
        using Matrix items = Seeded.Matrix(1, 33, dimension);
        items.Row(32)[0] = 65519;
        DeviceItems half = Own(new DeviceItems(Device, items, ItemPrecision.Half));
        DeviceItems single = Own(new DeviceItems(Device, items, ItemPrecision.Single));
        Assert.That((half.Bytes, single.Bytes), Is.EqualTo((33L * items.Stride * 2, 33L * items.Stride * 4)));
        Assert.That(Device.ReservedBytes, Is.EqualTo(half.Bytes + single.Bytes));
    }

    [Test]
    public void Tables_come_back_as_they_went([Values(1, 16, 65)] int columns)
    {
        using Matrix source = Seeded.Matrix(1, 77, columns), back = new(77, columns), some = new(80, columns), other = new(76, columns);
        DeviceMatrix table = Upload(source);
        table.Download(back);
        Assert.That(Seeded.Wide(back), Is.EqualTo(Seeded.Wide(source)));
        table.DownloadRows(some, 5);
        Assert.That(some.Row(4).ToArray(), Is.EqualTo(source.Row(4).ToArray()));
        Assert.That(some.Row(5).ToArray(), Is.All.Zero);
        table.UploadRows(some, 2, 40);
        table.Download(back);
        Assert.That(back.Row(41).ToArray(), Is.EqualTo(source.Row(1).ToArray()));
        Assert.That(back.Row(42).ToArray(), Is.EqualTo(source.Row(42).ToArray()));
        Assert.That(() => table.Download(other), Throws.ArgumentException.With.Message.Contains("[76, ").And.Message.Contains("[77, "));
    }

    [Test]
    public void What_does_not_fit_is_refused_with_its_size()
    {
        long taken = 1 << 20, free = Device.MemoryBytes - taken;
        Own(new DeviceArray<byte>(Device, taken));
        DeviceMemoryException error = Assert.Throws<DeviceMemoryException>(() => Own(new DeviceArray<byte>(Device, free + 1)))!;
        Assert.That((error.RequestedBytes, error.AvailableBytes), Is.EqualTo((free + 1, free)));
        Assert.That(error.Message, Does.Contain("1.0 MiB are taken").And.Contain("GiB"));
        Assert.That(Device.ReservedBytes, Is.EqualTo(taken));
        Assert.That(() => new DeviceArray<byte>(Device, long.MaxValue), Throws.InstanceOf<DeviceMemoryException>());
        Assert.That(() => new DeviceArray<long>(Device, long.MaxValue / 2), Throws.InstanceOf<OverflowException>());
        Assert.That(Device.ReservedBytes, Is.EqualTo(taken));
    }
}
