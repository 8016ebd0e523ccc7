using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace TaskGrpc.Server.Calls;

/// <summary>What a caller brings to say who it is.</summary>
internal abstract class Credentials
{
    /// <summary>The certificate of the connection; null if it has none.</summary>
    public virtual X509Certificate2? Certificate => null;

    /// <summary>Where the call comes from; null for a connection without addresses, as over a Unix socket or in this process.</summary>
    public virtual IPAddress? RemoteAddress => null;

    /// <summary>The last value of an entry of the call's metadata, such as 'authorization'; null if it has none.</summary>
    public abstract string? Metadata(string name);
}
