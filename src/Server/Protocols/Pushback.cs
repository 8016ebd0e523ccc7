using System.Globalization;
using Grpc.Core;

namespace TaskGrpc.Server.Protocols;

/// <summary>The delay of RetryInfo in the form that gRPC's own retry reads, rounded up.</summary>
internal static class Pushback
{
    public static Metadata.Entry Of(TimeSpan delay) =>
        new("grpc-retry-pushback-ms", ((long)Math.Ceiling(delay.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture));
}
