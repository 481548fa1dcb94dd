using KernelPolicy.KernelReport.Scaling;
using KernelPolicy.Tests.Data;
using NUnit.Framework;

namespace KernelPolicy.Tests.Bench;

/// <summary>Measurements that `scaling` reads, and what it says of those that it cannot.</summary>
public class MeasurementFileTests
{
    private const string Head = "path,estimator,growth,items,dimension,ms,mb";

    [Test]
    public void OwnColumns()
    {
        using TempFolder folder = new();
        string file = folder.Write("steps.csv", Head, "cuda,strata,logarithmic,1000000,100,1.5,", "simd,exact,Linear,10000,64,2,25");
        Assert.That(MeasurementFile.Read(file), Is.EqualTo(new[]
        {
            new StepMeasurement("cuda", "strata", CostGrowth.Logarithmic, 1e6, 100, 1.5e-3, null),
            new StepMeasurement("simd", "exact", CostGrowth.Linear, 10_000, 64, 2e-3, 25e6),
        }));
    }

    [TestCase("\"2,332.9 μs\"", 2332.9e-6)]
    [TestCase("378.3 ns", 378.3e-9)]
    [TestCase("1.25 ms", 1.25e-3)]
    [TestCase("3 s", 3)]
    public void TablesOfBenchmarkDotNet(string mean, double seconds)
    {
        using TempFolder folder = new();
        string file = folder.Write("EstimatorSteps.csv", "Method,Job,Catalogue,Mean,MB moved,Allocated", $"MixtureByGraph,ShortRun,100000x64,{mean},\"1,014\",-");
        StepMeasurement read = MeasurementFile.Read(file).Single();
        Assert.That(read with { Seconds = 0 }, Is.EqualTo(new StepMeasurement("simd", "MixtureByGraph", CostGrowth.Logarithmic, 1e5, 64, 0, 1014e6)));
        Assert.That(read.Seconds, Is.EqualTo(seconds).Within(1e-12));
    }

    [Test]
    public void TablesOfDevicesHaveAPathAndNoBytes()
    {
        using TempFolder folder = new();
        string file = folder.Write("DeviceSteps.csv", "Method,Catalogue,Path,Mean", "Strata,100000x64,Cuda,10 μs");
        StepMeasurement read = MeasurementFile.Read(file).Single();
        Assert.That((read.Path, read.Growth, read.Bytes), Is.EqualTo(("Cuda", CostGrowth.Linear, (double?)null)));
    }

    [TestCase(Head, "simd,exact,linear,1000,64,0,", "ms is '0'")]
    [TestCase(Head, "simd,exact,quadratic,1000,64,1,", "growth is 'quadratic'")]
    [TestCase(Head, "simd,exact,7,1000,64,1,", "growth is '7'")]
    [TestCase(Head, "simd,exact,linear,1000", "4 fields instead of 7")]
    [TestCase("path,estimator,items,dimension,ms,mb", "simd,exact,1000,64,1,", "no column 'growth'")]
    [TestCase("Method,Catalogue,Mean", "Exact,100000x64,NA", "'NA' is no time")]
    [TestCase("Method,Catalogue,Mean", "Unheard,100000x64,1 ms", "no rule for how 'Unheard' grows")]
    [TestCase("Method,Catalogue,Mean", "Exact,large,1 ms", "'large' is no catalogue")]
    public void FaultsSayWhere(string head, string line, string says)
    {
        using TempFolder folder = new();
        string file = folder.Write("steps.csv", head, line);
        InvalidDataException fault = Assert.Throws<InvalidDataException>(() => MeasurementFile.Read(file))!;
        Assert.That(fault.Message, Does.Contain(says).And.Contain($"{file}, line 2"));
    }

    [Test]
    public void PeaksAreThoseOfTheMostThreads()
    {
        using TempFolder folder = new();
        string file = folder.Write(
            "machine.machine.csv", "dataset,library,measure,k,threads,ef,recall,value,note", "machine,machine,read_gbps,,2,,,60.5,",
            "machine,machine,read_gbps,,1,,,30,", "machine,machine,fma_gflops,,2,,,400,");
        Assert.That(PeakFile.Read(file, memoryBytes: 7), Is.EqualTo(new MachinePeaks(60.5e9, 7)));
        Assert.Throws<InvalidDataException>(() => PeakFile.Read(folder.Write("none.csv", "measure,threads,value", "fma_gflops,2,400"), 7));
        Assert.Throws<InvalidDataException>(() => PeakFile.Read(folder.Write("other.csv", "a,b", "1,2"), 7));
    }
}
