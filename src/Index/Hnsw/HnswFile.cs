using KernelPolicy.Kernels;
namespace KernelPolicy.Index;
internal static class HnswFile {
 public static (HnswGraph, HnswOptions, HnswReport) Read(string path, Matrix items) => throw new NotImplementedException();
 public static void Write(string path, HnswGraph graph, HnswOptions options, HnswReport report, Matrix items) => throw new NotImplementedException();
}
