using System.Collections.Concurrent;
using System.Net.Sockets;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Delivering;

/// <summary>Which refusals of a mail server are final and which are temporary, and what non-ASCII letters require.</summary>
public sealed class MailRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _heard = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "554 no SMTP service here", DeliveryStatus.Retrying, "554")]
    [InlineData("", "421 busy", DeliveryStatus.Retrying, "421")]
    [InlineData("MAIL", "553 sender not allowed", DeliveryStatus.Retrying, "553")]
    [InlineData("RCPT", "550 no such mailbox", DeliveryStatus.Dead, "550")]
    [InlineData("RCPT", "450 later", DeliveryStatus.Retrying, "450")]
    [InlineData("DATA", "554 no valid recipients", DeliveryStatus.Dead, "554")]
    [InlineData(".", "552 too large", DeliveryStatus.Dead, "552")]
    public async Task A_refusal_Is_final_only_after_a_recipient_was_named(
        string command, string refusal, DeliveryStatus expected, string code)
    {
        var ended = await SendAsync("ops@example.com", "", (command, refusal), delivery => delivery.Status == expected);
        Assert.Equal(expected == DeliveryStatus.Dead ? AttemptOutcome.Permanent : AttemptOutcome.Retryable, ended.Attempts[0].Outcome);
        Assert.Contains(code, ended.Attempts[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Letters_beyond_ASCII_Go_only_to_a_server_that_offers_SMTPUTF8()
    {
        var waiting =
            await SendAsync("пошта@example.com", "250-8BITMIME\r\n", null, delivery => delivery.Status == DeliveryStatus.Retrying);
        Assert.Contains("SMTPUTF8", waiting.Attempts[0].Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_heard, line => line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_offers_SMTPUTF8_Gets_the_letters()
    {
        await SendAsync(
            "пошта@example.com", "250-8BITMIME\r\n250-SMTPUTF8\r\n", null, delivery => delivery.Status == DeliveryStatus.Delivered);
        Assert.Contains(
            _heard, line => line.StartsWith("MAIL", StringComparison.Ordinal) && line.Contains("SMTPUTF8", StringComparison.Ordinal));
        Assert.Contains(_heard, line => line.StartsWith("RCPT TO:<пошта@example.com>", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ops@xn--bcher-kva.example")]
    [InlineData("ops@Bücher.example")]
    public async Task A_domain_of_other_letters_Is_named_to_any_server_in_ASCII(string address)
    {
        await SendAsync(address, "", null, delivery => delivery.Status == DeliveryStatus.Delivered);
        Assert.Contains(_heard, line => line.StartsWith("RCPT TO:<ops@xn--bcher-kva.example>", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mail_Is_dated_when_it_is_sent()
    {
        await SendAsync("ops@example.com", "", null, delivery => delivery.Status == DeliveryStatus.Delivered);
        var date = Assert.Single(_heard, line => line.StartsWith("Date: ", StringComparison.Ordinal))["Date: ".Length..];
        Assert.True(MimeKit.Utils.DateUtils.TryParse(date, out var dated), date);
        Assert.InRange(TimeProvider.System.GetUtcNow() - dated, TimeSpan.Zero, TimeSpan.FromMinutes(10));
    }

    /// <summary>Sends an alert, triggered two days ago, to a server with these extensions and this answer to one command.</summary>
    private async Task<Delivery> SendAsync(
        string address, string offers, (string Command, string Answer)? refusal, Predicate<Delivery> isDone)
    {
        await using var mail = new RawEndpoint((stream, stop) => ServeAsync(stream, offers, refusal, stop));
        await using var server = await TestServer.StartAsync(_folder.Path, settings: new Dictionary<string, string?>
        {
            ["Smtp:Host"] = "127.0.0.1",
            ["Smtp:Port"] = $"{mail.Address.Port}",
            ["Smtp:Security"] = "None",
            ["Smtp:From"] = "alerts@example.org",
        });
        using var client = server.Client("org");
        var task = await client.CreateMonitorTaskAsync(new DeliveryTarget { Type = DeliveryType.Email, Channel = address });
        var triggered = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow().AddDays(-2));
        var delivery =
            await client.MonitorTasks.TriggerMonitorTaskAsync(new() { TaskId = task.TaskId, TriggerKey = "k", TriggeredAt = triggered });
        return await client.UntilAsync(delivery, isDone);
    }

    private async Task ServeAsync(NetworkStream stream, string offers, (string Command, string Answer)? refusal, CancellationToken stop)
    {
        using var reader = new StreamReader(stream);
        async Task AnswerAsync(string command, string otherwise) =>
            await stream.WriteAsync(
                System.Text.Encoding.ASCII.GetBytes((refusal is var (refused, answer) && refused == command ? answer : otherwise)
                    + "\r\n"), stop);

        await AnswerAsync("", "220 mail.example.com ESMTP");
        var isData = false;
        while (await reader.ReadLineAsync(stop) is { } line)
        {
            _heard.Enqueue(line);
            var command = line.Split(' ', 2)[0].ToUpperInvariant();
            if (isData && line != ".")
            {
                continue;
            }

            isData = command == "DATA" && refusal?.Command != "DATA";
            await AnswerAsync(command,
                command switch
                {
                    "EHLO" => $"250-mail.example.com\r\n{offers}250 HELP",
                    "DATA" => "354 go on",
                    "QUIT" => "221 bye",
                    _ => "250 OK"
                });
        }
    }
}
