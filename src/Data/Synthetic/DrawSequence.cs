using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Takes the draws of one name one after the other.</summary>
internal struct DrawSequence(RandomDraws draws)
{
    private uint _next;

    /// <summary>The next draw in [0, 1).</summary>
    public double Uniform() => draws.Uniform(_next++);

    /// <summary>The next draw as an integer in [0, bound).</summary>
    public int Below(int bound) => draws.Below(_next++, bound);

    /// <summary>An exponential number of mean 1.</summary>
    public double Exponential() => -Math.Log(1 - Uniform());

    /// <summary>A Poisson number, by Knuth's product of uniforms: as many draws as its value; mean below 700.</summary>
    public int Poisson(double mean)
    {
        double bound = Math.Exp(-mean);
        int count = 0;
        double product = Uniform();
        while (product > bound)
        {
            product *= Uniform();
            count++;
        }

        return count;
    }
}
