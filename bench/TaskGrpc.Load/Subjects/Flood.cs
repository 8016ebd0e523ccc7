using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Subjects;

/// <summary>Callers of one organization that never pause, in their own process: two organizations share a server, not a client.</summary>
internal sealed class Flood : Subject
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private Flood(Process process, Uri address)
        : base(process, address, null)
    {
    }

    /// <summary>Starts the flood's process, and waits until it is warm.</summary>
    public static async Task<Flood> StartAsync(Subject server, int callers)
    {
        // The lowest priority, because real callers run on other machines: every other process on this machine goes first.
        var (process, address) =
            await StartAsync("nice", ["-n", "19", "dotnet", BareServer.Program, "flood", server.Address.ToString(), $"{callers}"], []);
        return new Flood(process, address);
    }

    /// <summary>Floods the server until this process is killed.</summary>
    public static async Task RunAsync(Uri server, int callers)
    {
        using var channel = GrpcChannel.ForAddress(server);
        var tasks = new AgentTaskService.AgentTaskServiceClient(channel);
        var flood = Enumerable.Range(0, callers).Select(i => CallAsync(tasks, new Random(i))).ToArray();
        await Task.Delay(WarmUp, TimeProvider.System);
        Console.WriteLine($"Now listening on: {server}");
        Console.WriteLine("Application started.");
        // A call that fails ends the process, and the measurement notices.
        await await Task.WhenAny(flood);
    }

    private static async Task CallAsync(AgentTaskService.AgentTaskServiceClient tasks, Random random)
    {
        while (true)
        {
            try
            {
                await tasks.CreateAgentTaskAsync(new CreateAgentTaskRequest { AgentTask = Tasks.New(random) }, Tasks.Callers[1]);
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.ResourceExhausted or StatusCode.Unavailable)
            {
                // Waits as long as the server says, like a well-behaved client.
                var told = exception.Trailers.GetValue("grpc-retry-pushback-ms");
                await Task.Delay(
                    TimeSpan.FromMilliseconds(told is null ? 100 : int.Parse(told, CultureInfo.InvariantCulture)), TimeProvider.System);
            }
        }
    }
}
