using System.Net;

namespace TaskGrpc.Server.Sending;

/// <summary>Asks for a host's addresses.</summary>
internal delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken cancellationToken);
