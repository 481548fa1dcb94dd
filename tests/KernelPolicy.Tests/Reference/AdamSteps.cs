namespace KernelPolicy.Tests.Reference;

/// <summary>
/// Adam (Kingma and Ba, ICLR 2015, Algorithm 1) on the minimised −J, with weight decay λ of the L2 kind:
/// d = −∇J + λΘ; m = β1 m + (1 − β1) d; v = β2 v + (1 − β2) d²; Θ ← Θ − α · m̂ / (√v̂ + ε), m̂ = m / (1 − β1^t),
/// v̂ = v / (1 − β2^t), t from 1. Any number of parameters, in one list.
/// </summary>
internal sealed class AdamSteps(int count, double beta1, double beta2, double epsilon, double weightDecay)
{
    private readonly double[] _m = new double[count];
    private readonly double[] _v = new double[count];
    private int _t;

    /// <summary>The running mean of d.</summary>
    public double[] FirstMoment => _m;

    /// <summary>The running mean of d².</summary>
    public double[] SecondMoment => _v;

    /// <summary>One step that raises J: θ [n] is changed, ∇J [n] is read.</summary>
    public void Ascend(double[] theta, double[] gradient, double learningRate)
    {
        _t++;
        for (int i = 0; i < theta.Length; i++)
        {
            double d = -gradient[i] + (weightDecay * theta[i]);
            _m[i] = (beta1 * _m[i]) + ((1 - beta1) * d);
            _v[i] = (beta2 * _v[i]) + ((1 - beta2) * d * d);
            double mHat = _m[i] / (1 - Math.Pow(beta1, _t));
            double vHat = _v[i] / (1 - Math.Pow(beta2, _t));
            theta[i] -= learningRate * mHat / (Math.Sqrt(vHat) + epsilon);
        }
    }
}
