using System.Globalization;
using KernelPolicy.Distributed;

namespace KernelPolicy.KernelReport.Spreading;

/// <summary>A network, and how it is named.</summary>
/// <param name="RoundTripMicroseconds">There and back.</param>
/// <param name="Gigabits">Gbit/s.</param>
/// <param name="MessageMicroseconds">What a message costs a machine.</param>
internal sealed record NamedLink(double RoundTripMicroseconds, double Gigabits, double MessageMicroseconds)
{
    /// <summary>As headings have it.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{RoundTripMicroseconds:0.###} µs there and back, {Gigabits:0.###} Gbit/s");

    /// <summary>For the model. By MPI on TCP, which announces long messages.</summary>
    public LinkModel Model => new(RoundTripMicroseconds / 2 * 1e-6, Gigabits * 1e9 / 8, MessageMicroseconds * 1e-6)
    {
        HandshakeBytes = LinkModel.OpenMpiTcpHandshake,
    };

    /// <summary>Reads "RTT-US,GBIT,MESSAGE-US".</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static NamedLink Parse(string text)
    {
        double[] numbers =
        [
            .. text.Split(',').Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN),
        ];
        return numbers.Length == 3 && numbers.All(number => number >= 0 && double.IsFinite(number)) && numbers[1] > 0
            ? new NamedLink(numbers[0], numbers[1], numbers[2])
            : throw new ArgumentException($"'{text}' is no link: µs there and back, Gbit/s, µs a message, such as 1000,1,20.");
    }
}
