using System.Net;
using System.Security.Cryptography.X509Certificates;
using TaskGrpc.Server.Calls;

namespace TaskGrpc.Server.Protocols;

/// <summary>The credentials of a call over a connection.</summary>
internal sealed class HttpCredentials(HttpContext context) : Credentials
{
    public override X509Certificate2? Certificate => context.Connection.ClientCertificate;

    public override IPAddress? RemoteAddress => context.Connection.RemoteIpAddress;

    public override string? Metadata(string name) => context.Request.Headers[name] is [.., { } last] ? last : null;
}
