using System.Net;

namespace TaskGrpc.Server.Sending;

internal delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken cancellationToken);
