using System.Text.RegularExpressions;
using System.Threading.Channels;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>The C# in the READMEs and docs compiles and runs, and their links are valid.</summary>
public sealed partial class ReadmeTests
{
    private static string[] Pages { get; } =
    [
        "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "bench/README.md", "protos/README.md",
        .. Directory.GetFiles(Path.Combine(ShownPage.Root, "docs")).Select(file => "docs/" + Path.GetFileName(file)),
    ];

    [Theory]
    [InlineData("docs/csharp.md", "follow", "Follow.cs")]
    [InlineData("docs/deliveries.md", "receive", "Receive.cs")]
    [InlineData("src/Client/README.md", "package", "Package.cs")]
    public void A_sample_of_a_page_Is_the_one_that_is_compiled(string page, string sample, string file) =>
        IsCompiled(page, sample, file, " begins.\n");

    [Fact]
    public void Every_sample_of_the_CSharp_page_Is_compiled_and_run()
    {
        // ShownCommandTests runs the refusal with the README's program, TestingPackageTests the test server.
        string[] elsewhere = ["refusal", "follow", "test server"];
        foreach (var sample in new ShownPage("docs/csharp.md").Samples.Except(elsewhere))
        {
            IsCompiled("docs/csharp.md", sample, "CSharpPage.cs", $"The sample {sample} begins.\n");
        }
    }

    [Fact]
    public void Every_sample_of_the_page_on_work_Is_compiled_and_run()
    {
        foreach (var sample in new ShownPage("docs/work.md").Samples)
        {
            IsCompiled("docs/work.md", sample, "WorkPage.cs", $"The sample {sample} begins.\n");
        }
    }

    [Fact]
    public void The_README_Is_short()
    {
        var lines = new ShownPage("README.md").Text.Split('\n');
        Assert.True(lines.Length - 1 <= 220, $"The README has {lines.Length - 1} lines. At most 220 are allowed; move details to docs/.");
    }

    [Fact]
    public void Lines_of_prose_and_code_on_a_page_Stay_under_140_characters()
    {
        string[] generated = ["docs/configuration.md", "docs/errors.md", "docs/lifecycles.md"];
        var tooLong =
            from page in Pages.Except(generated)
            from line in new ShownPage(page).Text.Split('\n')
            where line.Length >= 140 && !line.StartsWith('|') && !line.Contains("](", StringComparison.Ordinal)
            select $"{page}: {line}";
        Assert.Empty(tooLong);
    }

    [Fact]
    public void Links_between_the_README_and_the_docs_Lead_somewhere()
    {
        var broken =
            from page in Pages
            from Match link in Link().Matches(new ShownPage(page).Text)
            let target = Path.Combine(Path.GetDirectoryName(page)!, link.Groups["path"].Value)
            let path = link.Groups["path"].Length == 0 ? page : target
            where !LeadsSomewhere(path, link.Groups["heading"].Value)
            select $"{page}: {link.Value}";
        Assert.Empty(broken);
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
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(folder.Path);
        using var client = server.Client("default");
        var secret = await client.SigningSecrets.CreateSigningSecretAsync(new());
        var lines = Channel.CreateUnbounded<string>();
        _ = Receive.RunAsync(secret.Secret, url, line => lines.Writer.TryWrite(line), CancellationToken.None);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(20));

        using var terminal = await Terminal.OpenAsync(("127.0.0.1:5080", server.Grpc.Authority), ("http://127.0.0.1:9911/", url));
        var (code, output) = await terminal.RunAsync(new ShownPage("docs/deliveries.md").Command("trigger"));
        Assert.True(code == 0, output);

        // The second trigger has the same key, so it creates no second alert.
        var delivery = Assert.Single((await client.Deliveries.ListDeliveriesAsync(new())).Deliveries);
        Assert.StartsWith($"verified {delivery.Id}: {{", await lines.Reader.ReadAsync(stop.Token), StringComparison.Ordinal);
        await client.UntilAsync(delivery, DeliveryStatus.Delivered);

        using var http = new HttpClient
        {
            DefaultRequestHeaders = { { "webhook-id", "x" }, { "webhook-timestamp", "1" }, { "webhook-signature", "v1,AAAA" } }
        };
        Assert.Equal(
            System.Net.HttpStatusCode.Unauthorized, (await http.PostAsync(new Uri(url), new StringContent("{}"), stop.Token)).StatusCode);
        Assert.StartsWith("FORGED x", await lines.Reader.ReadAsync(stop.Token), StringComparison.Ordinal);
    }

    private static void IsCompiled(string page, string sample, string file, string begin)
    {
        // A program and a test differ in these.
        var shown = new ShownPage(page).Sample(sample).Replace("new Uri(\"http://127.0.0.1:5080\")", "address", StringComparison.Ordinal);
        var compiled = Between(new ShownPage($"tests/Client.Tests/{file}").Text, begin, " ends.")
            .Replace("print(", "Console.WriteLine(", StringComparison.Ordinal)
            .Replace(", stop)", ")", StringComparison.Ordinal)
            .Replace("RunAsync(stop)", "RunAsync()", StringComparison.Ordinal);
        string[] added = ["using Grpc", "using TaskGrpc", "using System", "var (secret, url)"];
        var kept = Lines(shown).Where(line => !added.Any(start => line.StartsWith(start, StringComparison.Ordinal)));
        Assert.Equal(Lines(compiled)[..^1], kept);
    }

    private static bool LeadsSomewhere(string path, string heading)
    {
        var full = Path.Combine(ShownPage.Root, path);
        if (heading.Length == 0)
        {
            return Path.Exists(full);
        }

        // GitHub's anchor of a heading: lower case, hyphens for spaces, no punctuation.
        return File.Exists(full) && File.ReadLines(full).Where(line => line.StartsWith('#')).Any(line =>
            Punctuation().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-') == heading);
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

    [GeneratedRegex(@"\]\((?!https?:)(?<path>[^)#\s]*)(#(?<heading>[^)\s]*))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();
}
