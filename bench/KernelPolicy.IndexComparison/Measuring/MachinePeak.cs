using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelPolicy.Kernels;

namespace KernelPolicy.IndexComparison.Measuring;

/// <summary>
/// What this machine can do at most: single-precision multiply-adds from registers, and reading memory. An exact scan is
/// held to whichever of the two binds it.
/// </summary>
internal sealed unsafe class MachinePeak(SearchPlan plan, ResultFile results)
{
    private const int Chains = 16;
    private const int Steps = 1 << 20;
    private const long ReadBytes = 512L << 20;
    // Short tries, and many: one of them finds the machine undisturbed.
    private const int Tries = 20;

    /// <summary>Measures both for each number of threads.</summary>
    public void Execute()
    {
        using Matrix memory = new(ReadBytes / 4096, 1024);
        // Written once, or reading would find the one page of zeros that the system maps everywhere.
        for (long row = 0; row < memory.Rows; row++)
            memory.Row(row).Fill(1);
        foreach (int threads in plan.Threads)
        {
            using WorkerTeam team = new(threads);
            int pieces = 8 * threads;
            double flops = 2.0 * Chains * Steps * pieces;
            double wide = Vector512.IsHardwareAccelerated ? Vector512<float>.Count * flops / Best(new Multiply512(), pieces, team) : 0;
            double narrow = Vector256<float>.Count * flops / Best(new Multiply256(), pieces, team);
            results.Add(MeasureName.FmaGflops, Math.Max(wide, narrow) / 1e9, threads: threads);
            ReadMemory read = new(memory);
            results.Add(MeasureName.ReadGbps, ReadBytes / Best(read, ReadMemory.Pieces, team) / 1e9, threads: threads);
        }
    }

    private static double Best(IParallelWork work, int pieces, WorkerTeam team)
    {
        team.Run(work, pieces);
        return Enumerable.Range(0, Tries).Min(_ => Timing.Once(() => team.Run(work, pieces)));
    }

    // Sixteen independent chains: a multiply-add takes four to five cycles and two begin in each, so that ten at least
    // must be under way, and sixteen with their two operands fit the registers of AVX-512. Variables and no array, which
    // the compiler would keep in memory.
    private sealed class Multiply512 : IParallelWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int index, int worker)
        {
            Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(0.001f);
            Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y;
            Vector512<float> i = y, j = y, k = y, l = y, m = y, n = y, o = y, p = y;
            for (int step = 0; step < Steps; step++)
            {
                a = Vector512.FusedMultiplyAdd(a, x, y);
                b = Vector512.FusedMultiplyAdd(b, x, y);
                c = Vector512.FusedMultiplyAdd(c, x, y);
                d = Vector512.FusedMultiplyAdd(d, x, y);
                e = Vector512.FusedMultiplyAdd(e, x, y);
                f = Vector512.FusedMultiplyAdd(f, x, y);
                g = Vector512.FusedMultiplyAdd(g, x, y);
                h = Vector512.FusedMultiplyAdd(h, x, y);
                i = Vector512.FusedMultiplyAdd(i, x, y);
                j = Vector512.FusedMultiplyAdd(j, x, y);
                k = Vector512.FusedMultiplyAdd(k, x, y);
                l = Vector512.FusedMultiplyAdd(l, x, y);
                m = Vector512.FusedMultiplyAdd(m, x, y);
                n = Vector512.FusedMultiplyAdd(n, x, y);
                o = Vector512.FusedMultiplyAdd(o, x, y);
                p = Vector512.FusedMultiplyAdd(p, x, y);
            }

            Sink.Take(Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p));
        }
    }

    // AVX2 has sixteen registers: eight chains, run twice. Where five cycles need ten, they reach four fifths.
    private sealed class Multiply256 : IParallelWork
    {
        public void Execute(int index, int worker)
        {
            Run(Steps);
            Run(Steps);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Run(int steps)
        {
            Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(0.001f);
            Vector256<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y;
            for (int step = 0; step < steps; step++)
            {
                a = Vector256.FusedMultiplyAdd(a, x, y);
                b = Vector256.FusedMultiplyAdd(b, x, y);
                c = Vector256.FusedMultiplyAdd(c, x, y);
                d = Vector256.FusedMultiplyAdd(d, x, y);
                e = Vector256.FusedMultiplyAdd(e, x, y);
                f = Vector256.FusedMultiplyAdd(f, x, y);
                g = Vector256.FusedMultiplyAdd(g, x, y);
                h = Vector256.FusedMultiplyAdd(h, x, y);
            }

            Sink.Take(Vector256.Sum(a + b + c + d + e + f + g + h));
        }
    }

    private sealed class ReadMemory(Matrix memory) : IParallelWork
    {
        public const int Pieces = 64;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int index, int worker)
        {
            long floats = ReadBytes / sizeof(float) / Pieces;
            float* at = memory.Pointer + (index * floats);
            float* end = at + floats;
            int width = Vector<float>.Count;
            Vector<float> a = default, b = default, c = default, d = default;
            for (; at < end; at += 4 * width)
            {
                a += Vector.Load(at);
                b += Vector.Load(at + width);
                c += Vector.Load(at + (2 * width));
                d += Vector.Load(at + (3 * width));
            }

            Sink.Take(Vector.Sum(a + b + c + d));
        }
    }

    /// <summary>Uses results, so that the compiler must compute them.</summary>
    private static class Sink
    {
        private static volatile float _value;

        public static void Take(float value) => _value = value + _value;
    }
}
