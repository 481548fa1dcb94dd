using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Cli;

/// <summary>Objectives of trainings on interactions: none is ignored.</summary>
internal sealed class TrainObjectiveTests
{
    [TestCase("--objective", "log-likelihood", "log-likelihood")]
    [TestCase("--kl-weight", "0.5", "expected-reward, less 0.5 KL to the uniform policy")]
    public void An_objective_changes_the_policy_and_is_named(string option, string value, string words)
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "usual")).Code, Is.Zero);
        ToolRun run = ToolRun.Of(TrainTests.Train(folder, "other", option, value, "--json"));
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Json.GetProperty("objective").GetString(), Is.EqualTo(words));
        using SoftmaxPolicy usual = PolicyFile.Load(folder["usual/policy.kp"]), other = PolicyFile.Load(folder["other/policy.kp"]);
        Assert.That(other.Theta.Row(0).SequenceEqual(usual.Theta.Row(0)), Is.False);
    }

    [Test]
    public void A_strong_pull_holds_a_policy_at_its_reference()
    {
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "reference")).Code, Is.Zero);
        double Distance(string run, params string[] how)
        {
            Assert.That(ToolRun.Of(TrainTests.Train(folder, run, ["--init", "normal", .. how])).Code, Is.Zero);
            using SoftmaxPolicy reference = PolicyFile.Load(folder["reference/policy.kp"]), policy = PolicyFile.Load(folder[$"{run}/policy.kp"]);
            double sum = 0;
            for (int row = 0; row < policy.Theta.Rows; row++)
            {
                for (int column = 0; column < policy.Theta.Columns; column++)
                    sum += Math.Pow(policy.Theta.Row(row)[column] - reference.Theta.Row(row)[column], 2);
            }

            return sum;
        }

        // Both start from the same noise; what the pull brings nearer is nearer in Θ, too.
        Assert.That(Distance("pulled", "--kl-weight", "10", "--reference", folder["reference"]), Is.LessThan(Distance("free")));
    }

    /// <summary>
    /// KL to a reference, in double precision, in contexts of one item each. A policy that is pulled to a reference with a bias must come
    /// nearer to it than to the same reference without one; a pull that forgets the bias ends the other way round.
    /// </summary>
    [Test]
    public void The_bias_of_a_reference_pulls_too()
    {
        const double Lambda = 50;
        using TestFolder folder = new();
        Assert.That(ToolRun.Of(TrainTests.Train(folder, "plain")).Code, Is.Zero);
        using SoftmaxPolicy plain = PolicyFile.Load(folder["plain/policy.kp"]);
        using Matrix bias = Seeded.Matrix(7, 1, plain.Items.Columns, 2);
        // Not disposed: all tables but b are those of the plain one.
        PolicyFile.Save(folder["biased.kp"], new SoftmaxPolicy(plain.Theta, plain.Items, plain.ItemIds, plain.Facts, bias));
        ToolRun run = ToolRun.Of(TrainTests.Train(
            folder, "pulled", "--items", "corrected", "--item-rate", "10", "--kl-weight", "50", "--reference", folder["biased.kp"], "--json"));
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        using SoftmaxPolicy pulled = PolicyFile.Load(folder["pulled/policy.kp"]);
        double[,] items = Seeded.Wide(plain.Items);
        double Kl(double[]? reference) => new ReferenceObjective(ObjectiveKind.ExpectedReward, Lambda, Seeded.Wide(plain.Theta), reference)
            .Kl(items, Seeded.Wide(pulled.Theta), items, Seeded.Wide(pulled.Bias!.Row(0)));
        TestContext.Out.WriteLine($"KL {Kl(Seeded.Wide(bias.Row(0))):G4} with the bias, {Kl(null):G4} without");
        Assert.That(Kl(Seeded.Wide(bias.Row(0))), Is.LessThan(Kl(null)));
    }

    [Test]
    public void A_device_refuses_what_it_cannot_make_large()
    {
        using TestFolder folder = new();
        string[] line = TrainTests.Train(folder, "run", "--kl-weight", "0.1");
        line[Array.IndexOf(line, "simd")] = "cpu-accelerator";
        ToolRun run = ToolRun.Of(line);
        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Contain("A device maximises the expected reward only"));
    }

    [Test]
    public void Auto_takes_the_processor_for_another_objective()
    {
        using StepPlace place = StepPlace.Open(
            new DeviceChoice(DeviceChoice.Auto, ItemPrecision.Single), TrainingObjective.LogLikelihood, new SilentRunDisplay());
        Assert.That((place.Decision.Device, place.Device), Is.EqualTo(("simd", (ComputeDevice?)null)));
        Assert.That(place.Decision.Reason, Does.Contain("expected reward only"));
    }
}
