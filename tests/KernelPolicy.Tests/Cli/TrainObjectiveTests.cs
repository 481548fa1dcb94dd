using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
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
