using ILGPU;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>The frame of tests that run on each device.</summary>
/// <remarks>A device serves one thread at a time: such fixtures do not run beside others.</remarks>
[NonParallelizable]
public abstract class DeviceFixture(DevicePath path)
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>Where the tests run.</summary>
    protected DevicePath Path => path;

    /// <summary>Whether shapes must be tiny.</summary>
    protected bool IsEmulated => path.IsEmulated();

    /// <summary>The device; none on the SIMD path.</summary>
    internal ComputeDevice Device { get; private set; } = null!;

    [OneTimeSetUp]
    public void OpenDevice() => Device = path == DevicePath.Simd ? null! : OpenDevices.Get(path);

    /// <summary>Nothing of a test stays on the device.</summary>
    [TearDown]
    public void Free()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
            _owned[i].Dispose();
        _owned.Clear();
        if (Device is not null)
            Assert.That(Device.ReservedBytes, Is.Zero, "bytes of the device that the test left taken");
    }

    /// <summary>Skips the running test where it would take the emulator long.</summary>
    protected void NotEmulated(bool isLarge = true)
    {
        if (isLarge && IsEmulated)
            Assert.Ignore("Too large for the emulator.");
    }

    /// <summary>What is disposed after the test.</summary>
    private protected T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }

    /// <summary>Numbers on the device.</summary>
    private protected DeviceArray<T> Upload<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        DeviceArray<T> array = Own(new DeviceArray<T>(Device, values.Length));
        array.Upload(values);
        return array;
    }

    /// <summary>Room on the device.</summary>
    private protected DeviceArray<T> Room<T>(long length)
        where T : unmanaged => Own(new DeviceArray<T>(Device, length));

    /// <summary>All numbers of an array.</summary>
    private protected static T[] Download<T>(DeviceArray<T> array)
        where T : unmanaged
    {
        T[] values = new T[array.Length];
        array.Download(values);
        return values;
    }

    /// <summary>One group for each so many threads as a group of this device has, for kernels that count threads.</summary>
    private protected KernelConfig Threads(int count) => new((count + Device.Style.GroupSize - 1) / Device.Style.GroupSize, Device.Style.GroupSize);

    /// <summary>The contexts of a batch, in the order given.</summary>
    private protected BatchView Batch(ReadOnlySpan<int> contexts, long step = 0, ulong seed = 1) =>
        new(Upload(contexts).View, 0, contexts.Length, step, seed);

    /// <summary>A table on the device.</summary>
    private protected DeviceMatrix Upload(Matrix table) => Own(DeviceMatrix.From(Device, table));

    /// <summary>Queries in panels, as <see cref="BatchProjection"/> lays them out.</summary>
    private protected DeviceArray<float> UploadPanels(Matrix queries)
    {
        int panels = Panels.Count((int)queries.Rows);
        float[] values = new float[(panels + (panels & 1)) * queries.Stride * Panels.Width];
        for (int query = 0; query < queries.Rows; query++)
        {
            for (int l = 0; l < queries.Stride; l++)
                values[Panels.Offset(query, l, queries.Stride)] = queries.PaddedRow(query)[l];
        }

        return Upload<float>(values);
    }
}
