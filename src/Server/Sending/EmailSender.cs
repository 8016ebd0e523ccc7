using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Sending;

/// <summary>Sends alerts to the mail server. DELIVERED means that the mail server accepted them.</summary>
internal sealed class EmailSender(
    IOptions<SmtpOptions> smtp, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<EmailSender> logger) : IAlertSender
{
    public bool Serves(DeliveryType type) => type == DeliveryType.Email;

    public async Task<AttemptResult> SendAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (smtp.Value.Host.Length == 0)
        {
            return AttemptResult.Retryable("This server has no mail server. Ask the server's operator to set Smtp:Host.");
        }

        using var limit = new CancellationTokenSource(options.Value.AttemptTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // WaitAsync, because the system's resolver may ignore the token.
            return await HandOverAsync(delivery, either.Token).WaitAsync(either.Token);
        }
        catch (SmtpCommandException refusal)
        {
            // A refusal of the sender concerns the operator's settings, not the alert.
            return (int)refusal.StatusCode >= 500 && refusal.ErrorCode != SmtpErrorCode.SenderNotAccepted
                ? AttemptResult.Permanent($"The mail server refused the mail: {(int)refusal.StatusCode}.") with { IsUp = true }
                : AttemptResult.Retryable($"The mail server deferred the mail: {(int)refusal.StatusCode}.") with { IsUp = true };
        }
        catch (Exception exception) when (exception is AuthenticationException or ServiceNotAuthenticatedException)
        {
            // The operator's mistake: another attempt may succeed.
            logger.MailLogInRefused(exception.GetType().Name);
            return AttemptResult.Down("The mail server refused the log-in. Tell the server's operator.");
        }
        catch (SslHandshakeException exception)
        {
            logger.MailTlsFailed(exception);
            return AttemptResult.Down("The mail server's TLS certificate or handshake is not valid. Tell the server's operator.");
        }
        catch (Exception exception) when (
            exception is ProtocolException or IOException or SocketException or NotSupportedException or TimeoutException)
        {
            return AttemptResult.Down(exception is NotSupportedException
                ? "The mail server does not offer the security that Smtp:Security sets, or offers no log-in method "
                    + "that this server knows. Tell the server's operator."
                : "The mail server is unreachable, or closed the connection.");
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
            return AttemptResult.Down($"The mail server refused this server: {(int)refusal.StatusCode}. Tell the server's operator.");
        }

        // The library sends such letters to any server and reports success, even if the mail then bounces.
        var needsUtf8 = message.From.Mailboxes.Concat(message.To.Mailboxes).Any(EmailAddress.NeedsUtf8);
        if (needsUtf8 && !client.Capabilities.HasFlag(SmtpCapabilities.UTF8))
        {
            return AttemptResult.Retryable(
                "The address has non-ASCII letters before the '@', and the mail server does not support them (SMTPUTF8). "
                + "Use another address, or tell the server's operator.") with
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
            // The mail server has accepted the mail, so a failed QUIT does not matter.
        }

        return AttemptResult.Succeeded;
    }
}
