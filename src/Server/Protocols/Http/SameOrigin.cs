using System.Net;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls.Identity;

namespace TaskGrpc.Server.Protocols.Http;

/// <summary>
/// Keeps pages of other sites from calling the server through a browser. Without an issuer, any page that a developer opens could reach
/// this server on loopback, also by a name of its own that leads to 127.0.0.1.
/// </summary>
internal sealed class SameOrigin(IOptions<HttpOptions> options, IConfiguration configuration)
{
    private const string FetchSite = "Sec-Fetch-Site";

    private readonly HashSet<string> _allowed = new(options.Value.AllowedOrigins, StringComparer.Ordinal);
    private readonly bool _isOpen = !configuration.KnowsCallers();

    /// <summary>Why the request is refused; null if it may pass.</summary>
    public string? RefusalOf(HttpRequest request)
    {
        if (!_isOpen)
        {
            return null;
        }

        if (!IsLocal(request.Host.Host))
        {
            return "Without an issuer, this server answers only to localhost, 127.0.0.0/8 and [::1]. Use one of these in the address.";
        }

        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !_allowed.Contains(origin) && origin != $"{request.Scheme}://{request.Host.Value}")
        {
            return "Pages of this origin may not call this server. To allow it, add it to Http:AllowedOrigins.";
        }

        return request.Headers[FetchSite] == "cross-site" && !_allowed.Contains(origin)
            ? "Pages of other sites may not call this server. To allow one, add its origin to Http:AllowedOrigins." : null;
    }

    private static bool IsLocal(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
