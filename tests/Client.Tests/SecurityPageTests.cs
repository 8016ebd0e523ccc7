using Microsoft.Extensions.Configuration;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>The certificates that docs/security.md makes with openssl are good for the server and the settings that it shows.</summary>
public sealed class SecurityPageTests : IDisposable
{
    private readonly ShownPage _page = new("docs/security.md");
    private readonly TemporaryFolder _folder = new();

    private string Certificates => Path.Combine(_folder.Path, "certificates");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_settings_of_the_page_Let_the_certificate_of_the_page_call()
    {
        var address = new Uri($"https://127.0.0.1:{LoopbackPort.Free()}");
        using var terminal = await MakeCertificatesAsync(address);
        using var server = new ServerProcess(Path.Combine(_folder.Path, "data"), settings: Settings(address));
        await server.StartAsync();

        var (code, output) = await terminal.RunAsync(_page.Command("certificate call"));
        Assert.True(code == 0, output);
        Assert.Contains("resumeToken", output, StringComparison.Ordinal);

        var call = _page.Command("certificate call").Trim();
        var refused =
            call.Replace("AgentTaskService/ListAgentTasks", "SigningSecretService/CreateSigningSecret", StringComparison.Ordinal);
        Assert.Contains("secrets:manage", (await terminal.RunAsync(refused)).Output, StringComparison.Ordinal);
        var unknown = string.Join('\n', call.Split('\n').Where(line => !line.Contains("-cert ", StringComparison.Ordinal)));
        Assert.Contains("client certificate", (await terminal.RunAsync(unknown)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_of_the_page_Starts_with_the_certificates_of_the_page()
    {
        using var terminal = await MakeCertificatesAsync(new Uri("https://127.0.0.1:0"));
        terminal.Environment["Kestrel__Endpoints__Http__Url"] = "http://127.0.0.1:0";
        terminal.Environment["Storage__DataDirectory"] = Path.Combine(_folder.Path, "data");
        Assert.Equal(0, await terminal.RunUntilAsync(_page.Command("certificates"), "Application started"));
    }

    private async Task<Terminal> MakeCertificatesAsync(Uri address)
    {
        var terminal = await Terminal.OpenAsync(
            ("~/taskgrpc-certificates", Certificates), ("$HOME/taskgrpc-certificates", Certificates),
                ("127.0.0.1:5443", address.Authority));
        var (found, _) = await terminal.RunAsync("command -v openssl");
        Assert.SkipUnless(found == 0, "openssl is not installed; .ci/run installs it.");
        foreach (var name in (string[])["authority", "server certificate", "client certificate"])
        {
            var (code, output) = await terminal.RunAsync(_page.Command(name));
            Assert.True(code == 0, output);
        }

        Assert.Equal((0, "subject=CN=planner, O=Acme\n"), await terminal.RunAsync(_page.Command("subject")));
        return terminal;
    }

    private Dictionary<string, string> Settings(Uri address)
    {
        var shown = _page.Settings("certificates")
            .Replace("/etc/taskgrpc", Certificates, StringComparison.Ordinal)
            .Replace("https://0.0.0.0:5443", address.ToString(), StringComparison.Ordinal);
        using var json = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(shown));
        return new ConfigurationBuilder().AddJsonStream(json).Build().AsEnumerable()
            .Where(pair => pair.Value is not null)
            .ToDictionary(pair => pair.Key.Replace(":", "__", StringComparison.Ordinal), pair => pair.Value!);
    }
}
