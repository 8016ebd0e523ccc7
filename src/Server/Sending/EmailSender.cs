using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Sending;

/// <summary>Hands alerts to the mail server. Delivered means that it took them.</summary>
internal sealed class EmailSender(IOptions<SmtpOptions> smtp, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<EmailSender> logger) : IAlertSender
{
    public bool Serves(DeliveryType type) => type == DeliveryType.Email;

    public async Task<AttemptResult> SendAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (smtp.Value.Host.Length == 0)
        {
            return AttemptResult.Retryable("The server has no mail server to hand this to. Its operator sets Smtp:Host.");
        }

        using var limit = new CancellationTokenSource(options.Value.AttemptTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // The system's resolver may hear of no token; then it is left behind.
            return await HandOverAsync(delivery, either.Token).WaitAsync(either.Token);
        }
        catch (SmtpCommandException refusal)
        {
            // Before a recipient was named it speaks of this server or its operator's settings, not of the alert.
            return (int)refusal.StatusCode >= 500 && refusal.ErrorCode != SmtpErrorCode.SenderNotAccepted
                ? AttemptResult.Permanent($"The mail server refused it: {(int)refusal.StatusCode}.") with { IsUp = true }
                : AttemptResult.Retryable($"The mail server put it off: {(int)refusal.StatusCode}.") with { IsUp = true };
        }
        catch (Exception exception) when (exception is AuthenticationException or ServiceNotAuthenticatedException)
        {
            // The operator's mistake, not the address's: it is worth another attempt.
            logger.MailLogInRefused(exception.GetType().Name);
            return AttemptResult.Down("The mail server did not let this server log in. Tell its operator.");
        }
        catch (SslHandshakeException exception)
        {
            logger.MailTlsFailed(exception);
            return AttemptResult.Down("The mail server's TLS certificate or handshake was not acceptable. Tell the operator.");
        }
        catch (Exception exception) when (exception is ProtocolException or IOException or SocketException or NotSupportedException or TimeoutException)
        {
            return AttemptResult.Down(exception is NotSupportedException
                ? "The mail server does not offer what this server needs: what Smtp:Security asks for, or a way to log in. Tell the operator."
                : "The mail server could not be reached, or broke off.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return AttemptResult.Down("The mail server did not answer in time.");
        }
    }

    private async Task<AttemptResult> HandOverAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        using var message = AlertMail.Of(delivery, smtp.Value.From, time.GetUtcNow());
        using var client = new SmtpClient { CheckCertificateRevocation = smtp.Value.CheckCertificateRevocation };
        try
        {
            await client.ConnectAsync(smtp.Value.Host, smtp.Value.Port, smtp.Value.Security, cancellationToken);
            if (smtp.Value.UserName.Length > 0)
            {
                await client.AuthenticateAsync(smtp.Value.UserName, smtp.Value.Password, cancellationToken);
            }
        }
        catch (SmtpCommandException refusal)
        {
            return AttemptResult.Down($"The mail server turned this server away: {(int)refusal.StatusCode}. Tell its operator.");
        }

        // The library sends such letters to any server, and takes the bounce for a delivery.
        var needsUtf8 = message.From.Mailboxes.Concat(message.To.Mailboxes).Any(EmailAddress.NeedsUtf8);
        if (needsUtf8 && !client.Capabilities.HasFlag(SmtpCapabilities.UTF8))
        {
            return AttemptResult.Retryable(
                "The mail server does not offer SMTPUTF8, which letters beyond ASCII before the '@' need. Use another address, or tell the operator.") with
            { IsUp = true };
        }

        var format = FormatOptions.Default.Clone();
        format.International = needsUtf8;
        await client.SendAsync(format, message, cancellationToken);
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception exception) when (exception is ProtocolException or CommandException or IOException or OperationCanceledException)
        {
            // It took the mail; how it parts is its own affair.
        }

        return AttemptResult.Succeeded;
    }
}
