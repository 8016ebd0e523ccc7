using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Delivering;

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
            await HandOverAsync(delivery, either.Token).WaitAsync(either.Token);
            return AttemptResult.Succeeded;
        }
        catch (SmtpCommandException refusal)
        {
            return (int)refusal.StatusCode >= 500
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
                ? "The mail server does not offer what this server needs: what Smtp:Security asks for, a way to log in, or letters beyond ASCII. Tell the operator."
                : "The mail server could not be reached, or broke off.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return AttemptResult.Down("The mail server did not answer in time.");
        }
    }

    private async Task HandOverAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        using var message = AlertMail.Of(delivery, smtp.Value.From);
        using var client = new SmtpClient { CheckCertificateRevocation = smtp.Value.CheckCertificateRevocation };
        await client.ConnectAsync(smtp.Value.Host, smtp.Value.Port, smtp.Value.Security, cancellationToken);
        if (smtp.Value.UserName.Length > 0)
        {
            await client.AuthenticateAsync(smtp.Value.UserName, smtp.Value.Password, cancellationToken);
        }

        await client.SendAsync(message, cancellationToken);
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception exception) when (exception is ProtocolException or CommandException or IOException or OperationCanceledException)
        {
            // It took the mail; how it parts is its own affair.
        }
    }
}
