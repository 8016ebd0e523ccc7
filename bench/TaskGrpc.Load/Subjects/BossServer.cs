using System.Diagnostics;
using System.Text.Json;
using TaskGrpc.Load.Measuring;

namespace TaskGrpc.Load.Subjects;

/// <summary>pg-boss on Node, with 64 loops that fetch and complete jobs. It is its own client: its CPU time includes the loops'.</summary>
internal sealed class BossServer : Subject
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly StreamWriter _commands;
    private readonly StreamReader _answers;

    private BossServer(Process process, Uri address)
        : base(process, address, null) => (_commands, _answers) = (process.StandardInput, process.StandardOutput);

    /// <param name="program">The installed program.</param>
    /// <param name="connection">An empty database on the server that ours uses too.</param>
    public static async Task<BossServer> StartAsync(BossProgram program, string connection)
    {
        var address = BossProgram.AddressOf(connection);
        var start = new ProcessStartInfo("node", [program.Script, address, "queue", $"{MeasuredQueue.Workers}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var server = new BossServer(Process.Start(start)!, new Uri(address));
        await server.ReadAsync();
        return server;
    }

    /// <summary>Its jobs as a queue to measure.</summary>
    /// <param name="cpu">The CPU time used so far.</param>
    public MeasuredQueue Queue(Func<TimeSpan> cpu) => new(cpu, count => SendAsync($"fill {count}"), async drain =>
    {
        var answer = await SendAsync($"run {drain.Time.TotalMilliseconds:F0} {drain.Jobs} {drain.Batch}");
        var drained = JsonSerializer.Deserialize<Answer>(answer, Json)!;
        return new Drained(drained.Done, TimeSpan.FromMilliseconds(drained.Milliseconds), drained.Times);
    });

    private async Task<string> SendAsync(string command)
    {
        await _commands.WriteLineAsync(command);
        await _commands.FlushAsync();
        return await ReadAsync();
    }

    private async Task<string> ReadAsync() => await _answers.ReadLineAsync()
        ?? throw new InvalidOperationException("pg-boss has exited by itself; its error is above.");

    /// <summary>The program's answer to 'run'.</summary>
    private sealed record Answer(int Done, double Milliseconds, double[] Times);
}
