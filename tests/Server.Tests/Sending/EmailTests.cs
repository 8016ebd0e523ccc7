using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf.WellKnownTypes;
using MimeKit;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Delivering;

public sealed class EmailTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_trigger_Arrives_as_a_mail_with_a_text_and_an_HTML_part()
    {
        await using var mail = await MailServer.StartAsync();
        await using var server = await StartAsync(mail.Port);
        using var client = server.Client("org");
        var task = Sample.MonitorTask(Email("ops@example.com"));
        task.Intent = "Margin < 10 %\r\nBcc: everybody@example.com\r\n<script>";
        var created = await client.MonitorTasks.CreateMonitorTaskAsync(new() { MonitorTask = task });
        var delivery = await client.MonitorTasks.TriggerMonitorTaskAsync(
            new()
            {
                TaskId = created.TaskId,
                TriggerKey = "k",
                EntityId = "é-7",
                Context = new() { Fields = { ["margin"] = Value.ForNumber(8.5) } }
            });

        var message = Assert.Single(await mail.UntilAsync(1));
        Assert.Equal($"{delivery.Id}@example.org", message.MessageId);
        Assert.Equal(
            ("alerts@example.org", "ops@example.com"), (message.From.Mailboxes.Single().Address, message.To.Mailboxes.Single().Address));
        // No line of the intent becomes a mail header.
        Assert.Equal(("Margin < 10 % Bcc: everybody@example.com <script>", 0, "ops@example.com"),
            (message.Subject, message.Bcc.Count, message.Headers["X-Rcpt"]));
        Assert.Equal("auto-generated", message.Headers["Auto-Submitted"]);
        Assert.Equal(["text/plain", "text/html"],
            Assert.IsType<Multipart>(message.Body, exactMatch: false).Select(part => part.ContentType.MimeType));
        Assert.Contains("Entity: é-7", message.TextBody, StringComparison.Ordinal);
        Assert.Contains("Context: {\"margin\":8.5}", message.TextBody, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", message.HtmlBody, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", message.HtmlBody, StringComparison.Ordinal);
        var delivered = await client.UntilAsync(delivery, DeliveryStatus.Delivered);
        Assert.Equal((AttemptOutcome.Succeeded, false), (delivered.Attempts.Single().Outcome, delivered.Attempts.Single().HasHttpStatus));
    }

    [Theory]
    [InlineData("refused@example.com", DeliveryStatus.Dead, AttemptOutcome.Permanent, "550")]
    [InlineData("later@example.com", DeliveryStatus.Retrying, AttemptOutcome.Retryable, "451")]
    public async Task The_mail_servers_refusal_Is_final_or_passing_by_its_code(
        string address, DeliveryStatus expected, AttemptOutcome outcome, string code)
    {
        await using var mail = await MailServer.StartAsync();
        await using var server = await StartAsync(mail.Port);
        using var client = server.Client("org");
        var ended = await client.UntilAsync(await client.TriggerAsync(await client.CreateMonitorTaskAsync(Email(address))), expected);
        Assert.Equal(outcome, ended.Attempts.Single().Outcome);
        Assert.Contains(code, ended.Attempts.Single().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_TLS_no_mail_Is_sent_unless_the_operator_allows_it()
    {
        await using var mail = await MailServer.StartAsync();
        await using var server = await StartAsync(mail.Port, ("Smtp:Security", "StartTls"));
        using var client = server.Client("org");
        var failed = await client.UntilAsync(
            await client.TriggerAsync(await client.CreateMonitorTaskAsync(Email("ops@example.com"))), DeliveryStatus.Retrying);
        Assert.Contains("Smtp:Security", failed.Attempts.Single().Error, StringComparison.Ordinal);
        Assert.Empty(await mail.UntilAsync(0));
    }

    [Fact]
    public async Task A_self_signed_certificate_Is_not_accepted()
    {
        await using var mail = await MailServer.StartAsync(Certificate());
        await using var server = await StartAsync(mail.Port, ("Smtp:Security", "StartTls"));
        using var client = server.Client("org");
        var failed = await client.UntilAsync(
            await client.TriggerAsync(await client.CreateMonitorTaskAsync(Email("ops@example.com"))), DeliveryStatus.Retrying);
        Assert.Contains("certificate", failed.Attempts.Single().Error, StringComparison.Ordinal);
        Assert.Empty(await mail.UntilAsync(0));
    }

    [Fact]
    public async Task A_certificate_that_the_machine_trusts_Carries_the_mail_over_TLS()
    {
        var certificate = Certificate();
        await using var mail = await MailServer.StartAsync(certificate);
        // In its own process, which trusts the certificate.
        using var server = new ServerProcess(Path.Combine(_folder.Path, "data"), settings: new Dictionary<string, string>
        {
            ["SSL_CERT_FILE"] = certificate[0],
            ["Smtp__Host"] = "127.0.0.1",
            ["Smtp__Port"] = $"{mail.Port}",
            ["Smtp__CheckCertificateRevocation"] = "false",
        });
        await server.StartAsync();
        using var client = server.Client("org");
        var delivered = await client.UntilAsync(await client.TriggerAsync(await client.CreateMonitorTaskAsync(Email("ops@example.com"))),
            delivery => delivery.Attempts.Count > 0);
        Assert.Equal((DeliveryStatus.Delivered, ""), (delivered.Status, delivered.Attempts[0].Error));
        Assert.Equal("True", Assert.Single(await mail.UntilAsync(1)).Headers["X-Tls"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dead_mail_server_Is_retried_and_delays_no_commit_and_no_watch(bool isSilent)
    {
        await using var endpoint = RawEndpoint.Silent();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await StartAsync(isSilent ? endpoint.Address.Port : 9, ("Delivery:AttemptTimeout", "00:00:01"));
        using var client = server.Client("org");
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        var task = await client.CreateMonitorTaskAsync(Email("ops@example.com"));
        var mails = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => client.TriggerAsync(task, $"k{i}")));

        var alert = await client.TriggerAsync(await client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address)));
        await client.UntilAsync(alert, DeliveryStatus.Delivered);
        var failed = await client.UntilAsync(mails[0], DeliveryStatus.Retrying);
        Assert.Equal(AttemptOutcome.Retryable, failed.Attempts.Single().Outcome);
        Assert.DoesNotContain("127.0.0.1", failed.Attempts.Single().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_mail_server_a_mail_Waits_and_its_attempt_names_the_missing_setting()
    {
        await using var server = await TestServer.StartAsync(_folder.Path);
        using var client = server.Client("org");
        var waiting = await client.UntilAsync(
            await client.TriggerAsync(await client.CreateMonitorTaskAsync(Email("ops@example.com"))), DeliveryStatus.Retrying);
        Assert.Contains("Smtp:Host", waiting.Attempts.Single().Error, StringComparison.Ordinal);
    }

    /// <summary>The files of a self-signed certificate for this machine, and of its key.</summary>
    private string[] Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate =
            request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        string[] files = [Path.Combine(_folder.Path, "certificate.pem"), Path.Combine(_folder.Path, "key.pem")];
        File.WriteAllText(files[0], certificate.ExportCertificatePem());
        File.WriteAllText(files[1], key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    private static DeliveryTarget Email(string address) => new() { Type = DeliveryType.Email, Channel = address };

    private Task<TestServer> StartAsync(int port, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["Smtp:Host"] = "127.0.0.1",
            ["Smtp:Port"] = $"{port}",
            ["Smtp:Security"] = "None",
            ["Smtp:From"] = "alerts@example.org"
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return TestServer.StartAsync(Path.Combine(_folder.Path, "data"), settings: all);
    }
}
