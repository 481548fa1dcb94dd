using System.Globalization;
using System.Net;
using KernelPolicy.Hosts;

// Hosts wire DELAY-US MBIT NAMESPACE...   gives each network namespace an interface eth0 and carries frames between them until its input
//                                         ends; writes "ready" when the interfaces are there, and at the end what it did
// Hosts answer ADDRESS PORT               answers one "ask"
// Hosts ask ADDRESS PORT                  writes what the way there and back takes, and what a bulk transfer comes to
try
{
    switch (args)
    {
        case ["wire", var delay, var rate, .. { Length: >= 2 } namespaces]:
            using (Wire wire = new(namespaces, Number(delay) * 1e-6, Number(rate) * 1e6))
            {
                Console.WriteLine("ready");
                using CancellationTokenSource end = new();
                Thread watch = new(() =>
                {
                    Console.In.ReadToEnd();
                    end.Cancel();
                })
                { IsBackground = true };
                watch.Start();
                wire.Run(end.Token);
                Console.WriteLine(wire.Report());
            }

            return 0;
        case ["answer", var address, var port]:
            LinkCheck.Answer(new IPEndPoint(IPAddress.Parse(address), Number(port)));
            return 0;
        case ["ask", var address, var port]:
            Console.WriteLine(LinkCheck.Ask(new IPEndPoint(IPAddress.Parse(address), Number(port))));
            return 0;
        default:
            Console.Error.WriteLine("Give: wire DELAY-US MBIT NAMESPACE NAMESPACE... | answer ADDRESS PORT | ask ADDRESS PORT");
            return 2;
    }
}
catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return 1;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
