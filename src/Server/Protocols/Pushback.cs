using System.Globalization;
using Grpc.Core;

namespace TaskGrpc.Server.Protocols;

/// <summary>What RetryInfo says to people, in the form that gRPC's own retry understands; not a fraction earlier.</summary>
internal static class Pushback
{
    public static Metadata.Entry Of(TimeSpan delay) =>
        new("grpc-retry-pushback-ms", ((long)Math.Ceiling(delay.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture));
}
