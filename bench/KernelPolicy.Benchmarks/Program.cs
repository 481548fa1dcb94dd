using KernelPolicy.Bench;
using KernelPolicy.Benchmarks.Devices;

return args is [DeviceKernelsCommand.Name, .. string[] options]
    ? DeviceKernelsCommand.Execute(options)
    : BenchmarkRun.Execute(BenchmarkRun.In(typeof(Program).Assembly), args);
