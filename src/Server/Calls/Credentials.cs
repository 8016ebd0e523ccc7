using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace TaskGrpc.Server.Calls;

/// <summary>What identifies a caller.</summary>
internal abstract class Credentials
{
    /// <summary>The certificate of the connection; null if it has none.</summary>
    public virtual X509Certificate2? Certificate => null;

    /// <summary>The caller's address; null for a connection without one, such as a Unix socket or a call in this process.</summary>
    public virtual IPAddress? RemoteAddress => null;

    /// <summary>The last value of a metadata entry, such as 'authorization'; null if it has none.</summary>
    public abstract string? Metadata(string name);
}
