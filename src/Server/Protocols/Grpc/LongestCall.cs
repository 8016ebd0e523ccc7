using System.Globalization;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Calls.Limits;

namespace TaskGrpc.Server.Protocols.Grpc;

/// <summary>
/// Gives every unary call a deadline: its own, or the longest that there is where its own is later or missing. gRPC sees to the rest, for it
/// finds the deadline where a client would have put it. A Get is one step along an index, and for that a deadline's timer would be a tenth of
/// the work: it has its own deadline, or none.
/// </summary>
internal sealed class LongestCall(IOptions<LimitOptions> options)
{
    private const string Header = "grpc-timeout";

    private readonly TimeSpan _most = options.Value.LongestCall;
    private readonly string _mostText = ((long)options.Value.LongestCall.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "m";

    /// <summary>Bounds the calls of an endpoint, where it has such as need it.</summary>
    public void Bound(EndpointBuilder endpoint)
    {
        if (endpoint is { RequestDelegate: { } next }
            && endpoint.Metadata.OfType<ServedCall>().SingleOrDefault() is { Handler: { Stream: null, IsBrief: false } })
        {
            endpoint.RequestDelegate = call =>
            {
                Bound(call.Request.Headers);
                return next(call);
            };
        }
    }

    private void Bound(IHeaderDictionary headers)
    {
        if (headers[Header] is not [{ } own] || !(Parse(own) <= _most))
        {
            headers[Header] = _mostText;
        }
    }

    /// <summary>Up to eight digits and a unit, as gRPC over HTTP/2 writes a timeout; null for anything else.</summary>
    private static TimeSpan? Parse(string text)
    {
        if (text.Length is < 2 or > 9 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        return text[^1] switch
        {
            'H' => TimeSpan.FromHours(count),
            'M' => TimeSpan.FromMinutes(count),
            'S' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMilliseconds(count),
            'u' => TimeSpan.FromMicroseconds(count),
            'n' => TimeSpan.FromMicroseconds(count / 1000.0),
            _ => null,
        };
    }
}
