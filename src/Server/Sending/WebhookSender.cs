using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Polly.Timeout;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.SigningSecrets;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Sending;

/// <summary>Posts alerts to webhooks, signed by Standard Webhooks.</summary>
internal sealed class WebhookSender(IHttpClientFactory clients, TaskStore store, SecretProtection protection,
    IOptions<DeliveryOptions> options, TimeProvider time, ILogger<WebhookSender> logger) : IAlertSender
{
    /// <summary>The name of the HTTP client, with its guarded connections and its limits.</summary>
    public const string Client = "webhook";

    public bool Serves(DeliveryType type) => type == DeliveryType.Webhook;

    public async Task<AttemptResult> SendAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (WebhookEndpoint.InAscii(delivery.Target.Endpoint) is not { } endpoint)
        {
            // An older release stored it without this check.
            return AttemptResult.Permanent("The endpoint's host is not a valid DNS name. Update the monitor task's delivery.");
        }

        if (!options.Value.AllowHttp && new Uri(delivery.Target.Endpoint).Scheme != Uri.UriSchemeHttps)
        {
            return AttemptResult.Permanent(
                "The endpoint is not https, and this server no longer allows http. Update the monitor task's delivery.");
        }

        List<byte[]> secrets;
        try
        {
            secrets = await SecretsAsync(delivery.OrganizationId, cancellationToken);
        }
        catch (CryptographicException exception)
        {
            logger.SecretUnreadable(exception, delivery.Id);
            return AttemptResult.Retryable("The server cannot decrypt the organization's signing secrets. Tell the server's operator.");
        }

        return secrets.Count == 0
            ? AttemptResult.Retryable(
                "The organization has no signing secret, so the webhook cannot be signed. Create one with CreateSigningSecret.")
            : await PostAsync(delivery, endpoint, secrets, cancellationToken);
    }

    /// <exception cref="CryptographicException">The server lacks the data protection key that encrypted a secret.</exception>
    private async Task<List<byte[]>> SecretsAsync(string organizationId, CancellationToken cancellationToken)
    {
        using var rented = await store.RentAsync(organizationId, cancellationToken);
        return [.. rented.Reader.Statements<SigningSecretStatements>().Signing(organizationId)
            .Select(secret => protection.Reveal(organizationId, secret.Protected))];
    }

    private async Task<AttemptResult> PostAsync(
        Delivery delivery, string endpoint, List<byte[]> secrets, CancellationToken cancellationToken)
    {
        using var request = Request(delivery, endpoint, secrets);
        try
        {
            using var client = clients.CreateClient(Client);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return ResultOf(response);
        }
        catch (TimeoutRejectedException)
        {
            return AttemptResult.Down("The endpoint did not answer in time.");
        }
        catch (HttpRequestException exception)
        {
            return ResultOf(exception);
        }
    }

    private HttpRequestMessage Request(Delivery delivery, string endpoint, List<byte[]> secrets)
    {
        var (body, contentType) = AlertEvent.Encode(delivery.Payload);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType.ToString());
        return new HttpRequestMessage(HttpMethod.Post, endpoint)
        {
            Content = content,
            Headers =
            {
                { "webhook-id", delivery.Id },
                { "webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture) },
                { "webhook-signature", WebhookSignature.Of(secrets, delivery.Id, timestamp, body.Span) },
            },
        };
    }

    private AttemptResult ResultOf(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return response.IsSuccessStatusCode ? AttemptResult.Succeeded with { HttpStatus = status } : new AttemptResult
        {
            Outcome = response.StatusCode == HttpStatusCode.Gone ? AttemptOutcome.Permanent : AttemptOutcome.Retryable,
            HttpStatus = status,
            Error = $"The endpoint answered {status}{(status is >= 300 and < 400 ? "; the server does not follow redirects" : "")}.",
            RetryAfter = response.Headers.RetryAfter switch
            {
                { Delta: { } delta } => delta,
                { Date: { } date } => date - time.GetUtcNow(),
                _ => null,
            },
            IsUp = status is not (>= 500 or 429),
            IsOverloaded =
                response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout,
        };
    }

    /// <summary>Reports a failure without the addresses in the system's message.</summary>
    private static AttemptResult ResultOf(HttpRequestException exception) => exception switch
    {
        { InnerException: RefusedAddressException refused } => AttemptResult.Permanent(refused.Message),
        { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } } =>
            AttemptResult.Down("The endpoint's host name has no address."),
        { InnerException: SocketException socket } => AttemptResult.Down($"The endpoint is unreachable: {socket.SocketErrorCode}."),
        { InnerException: AuthenticationException } => AttemptResult.Down("The endpoint's TLS certificate or handshake is not valid."),
        _ => AttemptResult.Down($"The request to the endpoint failed: {exception.HttpRequestError}."),
    };
}
