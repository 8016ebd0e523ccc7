using System.Diagnostics;
using System.Runtime.InteropServices;
using TaskGrpc.Load.Bare;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>From the start of the published process to its first durable create, against a bare gRPC server's first echo.</summary>
internal static class StartRun
{
    public static async Task RunAsync(LoadOptions options, Report report, Dataset large)
    {
        var folder = Directory.CreateTempSubdirectory("taskgrpc-published-");
        await PublishAsync("src/Server", Path.Combine(folder.FullName, "server"));
        await PublishAsync("bench/TaskGrpc.Load", Path.Combine(folder.FullName, "bare"));
        var server = Path.Combine(folder.FullName, "server", "TaskGrpc.Server.dll");
        var bare = Path.Combine(folder.FullName, "bare", "TaskGrpc.Load.dll");
        var kept = Directory.CreateTempSubdirectory("taskgrpc-load-");

        var starts = report.Add(await Comparison.RunAsync(
            "start to first answered call, in starts/s",
            options with { WarmUp = TimeSpan.Zero },
            new("TaskGrpc", _ => TimeAsync(() => LoadServer.StartAsync(server, kept), CreateAsync)),
            new("bare echo", _ => TimeAsync(() => BareServer.StartAsync(bare, null), EchoAsync)),
            new($"TaskGrpc with {large.Count:N0} tasks", _ => TimeAsync(() => LoadServer.StartAsync(server, large.Folder), CreateAsync))));
        report.AtMost("start to first answered call against a bare gRPC server's", starts.Ratios(1, sample => sample.P50), 1.75, 1.4);
        kept.Delete(recursive: true);
        folder.Delete(recursive: true);
    }

    private static async Task<Sample> TimeAsync<T>(Func<Task<T>> startAsync, Func<T, Task> callAsync)
        where T : Subject
    {
        var clock = Stopwatch.StartNew();
        using var subject = await startAsync();
        await callAsync(subject);
        return Sample.Of(clock.Elapsed, subject.Cpu, [clock.Elapsed.TotalMilliseconds]);
    }

    private static async Task CreateAsync(LoadServer server)
    {
        using var channel = server.Channel();
        await new AgentTaskService.AgentTaskServiceClient(channel)
            .CreateAgentTaskAsync(new CreateAgentTaskRequest { AgentTask = Tasks.New(new Random(1)) }, Tasks.Callers[0]);
    }

    private static async Task EchoAsync(BareServer bare)
    {
        using var channel = bare.Channel();
        await new BareService.BareServiceClient(channel).EchoAsync(Tasks.Stored(new Random(1)));
    }

    private static async Task PublishAsync(string project, string into)
    {
        // Published as docs/operations.md says, compiled ahead for this platform; the bare server too.
        using var publish = Process.Start(
            new ProcessStartInfo("dotnet",
                ["publish", Path.Combine(Repository(), project), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", into,
                    "-v", "quiet"]))!;
        await publish.WaitForExitAsync();
        if (publish.ExitCode != 0)
        {
            throw new InvalidOperationException($"Publishing {project} failed.");
        }
    }

    private static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "TaskGrpc.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("This tool publishes the clone that it was built in, and that clone does not exist any more.");
    }
}
