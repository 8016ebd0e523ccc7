using System.Threading.Channels;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>What the READMEs show is what compiles and runs.</summary>
public sealed class ReadmeTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    [Theory]
    [InlineData("README.md", "tour", "Tour.cs")]
    [InlineData("README.md", "follow", "Follow.cs")]
    [InlineData("README.md", "receive", "Receive.cs")]
    [InlineData("src/Client/README.md", "package", "Package.cs")]
    public void A_sample_in_a_readme_Is_the_one_that_is_compiled(string readme, string sample, string file)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "TaskGrpc.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        // What a program and a test say differently.
        var shown = Between(File.ReadAllText(Path.Combine(root, readme)), $"<!-- sample: {sample} -->\n```csharp\n", "```")
            .Replace("new Uri(\"http://127.0.0.1:5080\")", "address", StringComparison.Ordinal);
        var compiled = Between(File.ReadAllText(Path.Combine(root, "tests", "Client.Tests", file)), " begins.\n", " ends.")
            .Replace("print(", "Console.WriteLine(", StringComparison.Ordinal)
            .Replace(", stop)", ")", StringComparison.Ordinal);
        Assert.Equal(Lines(compiled)[..^1], Lines(shown).Where(line => !line.StartsWith("using Grpc", StringComparison.Ordinal) && !line.StartsWith("using TaskGrpc", StringComparison.Ordinal) && !line.StartsWith("using System", StringComparison.Ordinal) && !line.StartsWith("var (secret, url)", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_tour_Runs_to_its_end()
    {
        await Tour.RunAsync(server.Server.Grpc).WaitAsync(TimeSpan.FromSeconds(20));

        using var client = server.Server.Client("default");
        Assert.Equal(AgentTaskStatus.Planning, Assert.Single((await client.AgentTasks.ListAgentTasksAsync(new())).AgentTasks).Status);
    }

    [Fact]
    public async Task The_program_of_thirty_lines_Is_cut_off_by_a_restart_and_goes_on()
    {
        using var folder = new TemporaryFolder();
        using var process = new ServerProcess(folder.Path);
        await process.StartAsync();
        using var client = process.Client("default", maxAttempts: 5);
        await client.CreateAgentTaskAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var lines = Channel.CreateUnbounded<string>();
        var running = Follow.RunAsync(process.Address, line => lines.Writer.TryWrite(line), stop.Token);
        await UntilAsync(lines.Reader, "Revision 1: 1 open", stop.Token);

        await process.KillAsync();
        await process.StartAsync();
        var second = await client.CreateAgentTaskAsync();
        await UntilAsync(lines.Reader, "Revision 2: 2 open", stop.Token);
        await client.TransitionAsync(second, AgentTaskStatus.Canceled);
        await UntilAsync(lines.Reader, "Revision 3: 1 open", stop.Token);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task The_package_sample_Runs_to_its_end()
    {
        using var folder = new TemporaryFolder();
        await using var own = await TestServer.StartAsync(folder.Path);
        await Package.RunAsync(own.Grpc, own.Client).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task The_receiver_Verifies_what_the_server_sends_and_refuses_what_it_does_not()
    {
        var url = $"http://127.0.0.1:{LoopbackPort.Free()}/";
        using var client = server.Server.Client("receive");
        var secret = await client.SigningSecrets.CreateSigningSecretAsync(new());
        var lines = Channel.CreateUnbounded<string>();
        _ = Receive.RunAsync(secret.Secret, url, line => lines.Writer.TryWrite(line), CancellationToken.None);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(20));

        var delivery = await client.TriggerAsync(await client.CreateMonitorTaskAsync(Sample.Webhook(new Uri(url + "alerts"))));
        Assert.StartsWith($"verified {delivery.Id}: {{", await lines.Reader.ReadAsync(stop.Token), StringComparison.Ordinal);
        await client.UntilAsync(delivery, DeliveryStatus.Delivered);

        using var http = new HttpClient { DefaultRequestHeaders = { { "webhook-id", "x" }, { "webhook-timestamp", "1" }, { "webhook-signature", "v1,AAAA" } } };
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await http.PostAsync(new Uri(url), new StringContent("{}"), stop.Token)).StatusCode);
        Assert.StartsWith("FORGED x", await lines.Reader.ReadAsync(stop.Token), StringComparison.Ordinal);
    }

    private static async Task UntilAsync(ChannelReader<string> lines, string wanted, CancellationToken stop)
    {
        while (await lines.ReadAsync(stop) != wanted)
        {
        }
    }

    private static string Between(string text, string start, string end)
    {
        var from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private static string[] Lines(string text) => [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
}
